#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fusion/navigation/altitude.hpp"
#include "fusion/navigation/altitude_filter.hpp"
#include "fusion/orientation_filter.hpp"

namespace haltere::fusion {
namespace {

using sensors::Layout;
using sensors::Quantity;
using sensors::TimeNs;

constexpr std::string_view text =
    "{id: climb, platform: altitude, orientation: pose, pressure: air.pressure}";
const Layout pressure{{{"pressure", Quantity::pressure}}, 25.0};

config::Section section(std::string_view yaml = text) {
  std::vector<config::Diagnostic> diagnostics;
  const Result<config::Node> node = config::parse_yaml(yaml, diagnostics);
  config::Section read = config::read_component(*node, altitude_type.component, diagnostics);
  EXPECT_EQ(config::to_text("f", diagnostics), "");
  return read;
}

/// What an orientation filter yields.
Layout pose() {
  std::vector<config::Diagnostic> diagnostics;
  const Result<config::Node> node = config::parse_yaml(
      "{id: pose, platform: orientation, accelerometer: imu.acceleration, gyroscope: "
      "imu.angular_rate}",
      diagnostics);
  const config::Section read =
      config::read_component(*node, orientation_type.component, diagnostics);
  Layout three;
  three.rate_hz = 100.0;
  return orientation_type.output(read, std::array{three, three}, diagnostics);
}

/// A level sensor that is pushed up with `up_mps2`, in the order of pose().
std::vector<float> row(float up_mps2, float pressure_pa) {
  std::vector<float> values(pose().channels.size() + 1);
  values[0] = 1.0F;
  values[6] = 9.80665F;
  values[9] = up_mps2;
  values.back() = pressure_pa;
  return values;
}

std::vector<float> output_of(const Filter& filter) {
  return {filter.output().begin(), filter.output().end()};
}

TEST(AltitudeFilter, is_listed_with_a_sound_table) {
  EXPECT_EQ(find_filter_type("altitude")->make, altitude_type.make);
  EXPECT_EQ(config::check_table(altitude_type.component), std::vector<std::string>{});
}

TEST(AltitudeFilter, runs_with_the_orientations_rows) {
  const std::vector<StreamName> inputs = altitude_type.inputs(section());
  ASSERT_EQ(inputs.size(), 2U);
  EXPECT_EQ(inputs[0].name, "pose");
  EXPECT_EQ(inputs[1].name, "air.pressure");
  std::vector<config::Diagnostic> diagnostics;
  const Layout out = altitude_type.output(section(), std::array{pose(), pressure}, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(out.rate_hz, 100.0);
  EXPECT_EQ(out.channels[0].name, "height");
  EXPECT_EQ(out.channels.size(),
            altitude_type.make(section(), std::array{pose(), pressure})->output().size());
}

TEST(AltitudeFilter, refuses_other_inputs_where_they_are_named) {
  std::vector<config::Diagnostic> diagnostics;
  static_cast<void>(altitude_type.output(section(), std::array{pressure, Layout{}}, diagnostics));
  EXPECT_EQ(config::to_text("f", diagnostics),
            "f:1:46: error: 'pose' is no fusion of platform 'orientation', whose gravity and "
            "linear acceleration it needs\n"
            "f:1:62: error: 'air.pressure' does not have 1 channel of pressure, as a stream "
            "'SENSOR.pressure' would\n");
}

// The core and the platform over the same samples; the barometer's value stands in four rows.
TEST(AltitudeFilter, yields_what_its_core_does_and_counts_held_values_once) {
  const auto filter = altitude_type.make(section(), std::array{pose(), pressure});
  navigation::Altitude core;
  for (int i = 0; i < 400; ++i) {
    const TimeNs now = TimeNs{10'000'000} * i;
    const auto up = static_cast<float>(std::sin(0.05 * i));
    const auto pressure_pa = static_cast<float>(100'000 + i / 4 % 7);
    EXPECT_TRUE(filter->update(now, i == 0, row(up, pressure_pa)));
    core.acceleration(now, navigation::upward({0.0, 0.0, static_cast<double>(9.80665F)},
                                              {0.0, 0.0, static_cast<double>(up)}));
    if (i % 4 == 0) core.pressure(now, static_cast<double>(pressure_pa));
  }
  EXPECT_EQ(filter->output()[0], static_cast<float>(core.output().height_m));
  EXPECT_EQ(filter->output()[1], static_cast<float>(core.output().speed_mps));
  EXPECT_EQ(filter->output()[3], static_cast<float>(core.output().height_sigma_m));
}

TEST(AltitudeFilter, gives_the_same_bits_each_time_and_anew_after_a_break) {
  const auto run = [](Filter& filter, TimeNs from) {
    for (int i = 0; i < 300; ++i) {
      const auto up = static_cast<float>(std::cos(0.1 * i));
      filter.update(from + TimeNs{10'000'000} * i, i == 0,
                    row(up, static_cast<float>(99'000 + i % 5)));
    }
    return output_of(filter);
  };
  const auto one = altitude_type.make(section(), std::array{pose(), pressure});
  const auto other = altitude_type.make(section(), std::array{pose(), pressure});
  const std::vector<float> first = run(*one, 0);
  EXPECT_EQ(run(*other, 0), first);
  EXPECT_EQ(run(*other, 700'000'000'000), first);
}

TEST(AltitudeFilter, yields_no_nan_from_broken_rows) {
  const auto filter = altitude_type.make(section(), std::array{pose(), pressure});
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  const auto expect_sound = [&] {
    for (const float v : filter->output()) ASSERT_TRUE(std::isfinite(v));
  };
  expect_sound();
  for (int i = 0; i < 200; ++i) {
    std::vector<float> broken = row(i % 3 == 0 ? nan : 1.0F, i % 5 == 0 ? nan : 101'000.0F);
    if (i % 7 == 0) broken[6] = 0.0F;  // no gravity at all
    filter->update(i % 11 == 0 ? 0 : TimeNs{10'000'000} * i, false, broken);
    expect_sound();
  }
}

TEST(AltitudeFilter, starts_at_zero_where_the_file_says_so) {
  const auto filter = altitude_type.make(
      section("{id: climb, platform: altitude, orientation: pose, pressure: air.pressure, "
              "sea_level_pressure: start}"),
      std::array{pose(), pressure});
  filter->update(0, true, row(0.0F, 91'000.0F));
  EXPECT_EQ(filter->output()[0], 0.0F);
}

}  // namespace
}  // namespace haltere::fusion
