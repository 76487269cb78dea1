#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fusion/orientation_filter.hpp"

namespace haltere::fusion {
namespace {

using sensors::Layout;
using sensors::Quantity;

const Layout accelerometer{{{"ax", Quantity::acceleration},
                            {"ay", Quantity::acceleration},
                            {"az", Quantity::acceleration}},
                           100.0};
const Layout gyroscope{{{"gx", Quantity::angular_rate},
                        {"gy", Quantity::angular_rate},
                        {"gz", Quantity::angular_rate}},
                       100.0};
constexpr std::string_view text =
    "{id: pose, platform: orientation, accelerometer: imu.acceleration, gyroscope: "
    "imu.angular_rate}";

config::Section section() {
  std::vector<config::Diagnostic> diagnostics;
  const Result<config::Node> node = config::parse_yaml(text, diagnostics);
  config::Section read = config::read_component(*node, orientation_type.component, diagnostics);
  EXPECT_EQ(config::to_text("f", diagnostics), "");
  return read;
}

std::unique_ptr<Filter> make() {
  return orientation_type.make(section(), std::array{accelerometer, gyroscope});
}

constexpr std::array level{0.0f, 0.0f, 9.80665f, 0.0f, 0.0f, 0.0f};
constexpr std::array on_its_side{9.80665f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
constexpr sensors::TimeNs ms = 1'000'000;

std::vector<float> output_of(const Filter& filter) {
  return {filter.output().begin(), filter.output().end()};
}

TEST(OrientationFilter, is_listed) {
  EXPECT_EQ(find_filter_type("orientation")->make, orientation_type.make);
}

TEST(OrientationFilter, has_a_sound_table) {
  EXPECT_EQ(config::check_table(orientation_type.component), std::vector<std::string>{});
}

TEST(OrientationFilter, takes_accelerometer_then_gyroscope) {
  const std::vector<StreamName> inputs = orientation_type.inputs(section());
  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(inputs[0].name, "imu.acceleration");
  EXPECT_EQ(inputs[1].name, "imu.angular_rate");
}

TEST(OrientationFilter, yields_quaternion_gravity_and_linear_acceleration) {
  std::vector<config::Diagnostic> diagnostics;
  const Layout layout =
      orientation_type.output(section(), std::array{accelerometer, gyroscope}, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(layout.channels.size(), 23U);
  EXPECT_EQ(layout.channels[22].name, "lost");
  EXPECT_EQ(layout.channels[4].name, "gravity.x");
  EXPECT_EQ(layout.rate_hz, 100.0);
}

TEST(OrientationFilter, other_inputs_are_refused_where_they_are_named) {
  std::vector<config::Diagnostic> diagnostics;
  static_cast<void>(
      orientation_type.output(section(), std::array{gyroscope, Layout{}}, diagnostics));
  EXPECT_EQ(
      config::to_text("f", diagnostics),
      "f:1:50: error: 'imu.acceleration' does not have three axes of acceleration, as a stream "
      "'SENSOR.acceleration' would\n"
      "f:1:79: error: 'imu.angular_rate' does not have three axes of angular_rate, as a stream "
      "'SENSOR.angular_rate' would\n");
}

TEST(OrientationFilter, splits_gravity_from_motion) {
  const auto filter = make();
  EXPECT_TRUE(filter->update(0, true, level));
  EXPECT_FLOAT_EQ(filter->output()[6], 9.80665f);
  EXPECT_NEAR(filter->output()[9], 0.0f, 1e-5f);
  auto pushed = level;
  pushed[0] = 1.0f;
  EXPECT_TRUE(filter->update(10 * ms, false, pushed));
  EXPECT_GT(filter->output()[7], 0.4f);
}

TEST(OrientationFilter, knows_from_the_sensor_where_its_ranges_end) {
  constexpr std::size_t gyroscope_saturated = 19;
  constexpr std::size_t accelerometer_saturated = 20;
  Layout narrow = gyroscope;
  for (sensors::Channel& channel : narrow.channels) channel.full_scale = 4.0F;
  const auto filter = orientation_type.make(section(), std::array{accelerometer, narrow});
  auto fast = level;
  fast[3] = -4.0F;
  filter->update(0, true, level);
  EXPECT_EQ(filter->output()[gyroscope_saturated], 0.0F);
  filter->update(10 * ms, false, fast);
  EXPECT_EQ(filter->output()[gyroscope_saturated], 1.0F);
  EXPECT_EQ(filter->output()[accelerometer_saturated], 0.0F);
  const auto unaware = make();
  unaware->update(0, true, level);
  unaware->update(10 * ms, false, fast);
  EXPECT_EQ(unaware->output()[gyroscope_saturated], 0.0F) << "one sample alone does not tell";
}

TEST(OrientationFilter, a_new_segment_forgets_the_old_one) {
  const auto filter = make();
  for (int i = 0; i < 100; ++i) filter->update(i * 10L * ms, i == 0, on_its_side);
  filter->update(1000 * ms, true, level);
  const auto fresh = make();
  fresh->update(0, true, level);
  EXPECT_EQ(output_of(*filter), output_of(*fresh));
}

TEST(OrientationFilter, jumps_in_time_start_anew) {
  for (const sensors::TimeNs next :
       {5000 * ms, -1 * ms, std::numeric_limits<sensors::TimeNs>::min(),
        std::numeric_limits<sensors::TimeNs>::max()}) {
    const auto filter = make();
    for (int i = 0; i < 100; ++i) filter->update(i * 10L * ms, false, on_its_side);
    filter->update(next, false, level);
    EXPECT_FLOAT_EQ(filter->output()[6], 9.80665f) << next;
  }
}

TEST(OrientationFilter, unusable_rows_repeat_the_output) {
  const auto filter = make();
  filter->update(0, true, on_its_side);
  const std::vector<float> before = output_of(*filter);
  auto broken = level;
  broken[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(filter->update(10 * ms, false, broken));
  EXPECT_EQ(output_of(*filter), before);
  EXPECT_TRUE(filter->update(0, false, level));
  EXPECT_EQ(output_of(*filter), before);
}

TEST(OrientationFilter, starts_sound_even_on_broken_rows) {
  const auto filter = make();
  std::array<float, 6> broken{};
  broken.fill(std::numeric_limits<float>::infinity());
  filter->update(0, true, broken);
  const std::vector<float> out = output_of(*filter);
  EXPECT_EQ(std::vector<float>(out.begin(), out.begin() + 10),
            (std::vector<float>{1, 0, 0, 0, 0, 0, 9.80665f, 0, 0, 0}));
}

const Layout magnetometer{{{"mx", Quantity::magnetic_field},
                           {"my", Quantity::magnetic_field},
                           {"mz", Quantity::magnetic_field}},
                          100.0};

std::unique_ptr<Filter> make_with_magnetometer() {
  std::vector<config::Diagnostic> diagnostics;
  const Result<config::Node> node = config::parse_yaml(
      "{id: pose, platform: orientation, accelerometer: imu.acceleration, gyroscope: "
      "imu.angular_rate, magnetometer: compass.magnetic_field, gyroscope_latency: 0ms}",
      diagnostics);
  const config::Section read =
      config::read_component(*node, orientation_type.component, diagnostics);
  EXPECT_EQ(config::to_text("f", diagnostics), "");
  const std::array layouts{accelerometer, gyroscope, magnetometer};
  EXPECT_EQ(orientation_type.inputs(read).size(), 3U);
  static_cast<void>(orientation_type.output(read, layouts, diagnostics));
  EXPECT_TRUE(diagnostics.empty());
  return orientation_type.make(read, layouts);
}

TEST(OrientationFilter, a_magnetometer_shows_where_north_is) {
  const auto filter = make_with_magnetometer();
  // North along the sensor's -y: x points west. A little noise, as an unchanged value is no sample.
  for (int i = 0; i < 300; ++i) {
    const float noise = i % 2 == 0 ? 0.1f : -0.1f;
    const std::array row{0.0f, 0.0f, 9.80665f, 0.0f, 0.0f, 0.0f, noise, -20.0f, -40.0f};
    filter->update(i * 10L * ms, i == 0, row);
  }
  EXPECT_NEAR(filter->output()[10], 4.712f, 0.02f);
  EXPECT_EQ(filter->output()[17], 1.0f);
}

TEST(OrientationFilter, a_value_held_between_samples_counts_once) {
  const auto once = make_with_magnetometer();
  const auto held = make_with_magnetometer();
  for (int i = 0; i < 400; ++i) {
    // The field turns slowly, ten rows late: taken for new each time it would weigh ten times.
    const int step = i / 10;
    const float turn = 0.01f * static_cast<float>(step);
    const std::array row{0.0f, 0.0f, 9.80665f, 0.0f, 0.0f, 0.0f, 20.0f * turn, 20.0f, -40.0f};
    held->update(i * 10L * ms, i == 0, row);
    std::array missing = row;
    if (i % 10 != 0) missing[6] = std::numeric_limits<float>::quiet_NaN();
    once->update(i * 10L * ms, i == 0, missing);
  }
  EXPECT_EQ(output_of(*held), output_of(*once));
}

}  // namespace
}  // namespace haltere::fusion
