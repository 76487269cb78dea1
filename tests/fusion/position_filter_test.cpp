#include "fusion/navigation/position_filter.hpp"

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fusion/made_up_drive.hpp"

namespace haltere::fusion {
namespace {

using navigation::MadeUpDrive;
using navigation::Vec3;
using sensors::Layout;
using sensors::Quantity;
using sensors::TimeNs;

constexpr std::string_view text =
    "{id: place, platform: position, accelerometer: imu.acceleration, gyroscope: imu.angular_rate, "
    "position: gnss.length, velocity: gnss.number}";

Layout three(Quantity quantity) {
  return {{{"x", quantity}, {"y", quantity}, {"z", quantity}}, 100.0};
}
const std::vector<Layout> layouts{three(Quantity::acceleration), three(Quantity::angular_rate),
                                  three(Quantity::length), three(Quantity::number)};

config::Section section(std::string_view yaml = text) {
  std::vector<config::Diagnostic> diagnostics;
  const Result<config::Node> node = config::parse_yaml(yaml, diagnostics);
  config::Section read = config::read_component(*node, position_type.component, diagnostics);
  EXPECT_EQ(config::to_text("f", diagnostics), "");
  return read;
}

/// Rows as the pipeline makes them: the receiver's newest values stand in each.
struct Rows {
  std::vector<float> row = std::vector<float>(12);
  std::vector<std::vector<float>> all;
  void put(std::size_t at, const Vec3& v) {
    for (std::size_t i = 0; i < 3; ++i) row[at + i] = static_cast<float>(v[i]);
  }
  void inertial(TimeNs, const Vec3& acceleration, const Vec3& rate) {
    all.push_back(row);
    put(0, acceleration);
    put(3, rate);
  }
  void fix(TimeNs, const Vec3& v) { put(6, v); }
  void velocity(TimeNs, const Vec3& v) { put(9, v); }
};

TEST(PositionFilter, is_listed_with_a_sound_table) {
  EXPECT_EQ(find_filter_type("position")->make, position_type.make);
  EXPECT_EQ(config::check_table(position_type.component), std::vector<std::string>{});
}

TEST(PositionFilter, says_what_it_yields) {
  std::vector<config::Diagnostic> diagnostics;
  const Layout out = position_type.output(section(), layouts, diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(out.channels.size(), position_type.make(section(), layouts)->output().size());
  EXPECT_EQ(out.channels[1].name, "position.n");
  EXPECT_EQ(out.channels.back().name, "outage");
}

TEST(PositionFilter, refuses_other_inputs_where_they_are_named) {
  std::vector<config::Diagnostic> diagnostics;
  std::vector<Layout> wrong = layouts;
  wrong[2] = three(Quantity::number);
  static_cast<void>(position_type.output(section(), wrong, diagnostics));
  EXPECT_EQ(config::to_text("f", diagnostics),
            "f:1:105: error: 'gnss.length' does not have three axes of length, as a stream "
            "'SENSOR.length' would\n");
  diagnostics.clear();
  const config::Section six = section(
      "{id: place, platform: position, accelerometer: imu.acceleration, gyroscope: "
      "imu.angular_rate, position: gnss.length}");
  static_cast<void>(position_type.output(
      six, std::vector<Layout>(layouts.begin(), layouts.begin() + 3), diagnostics));
  EXPECT_EQ(config::to_text("f", diagnostics),
            "f:1:1: error: a position needs a magnetometer or a velocity to find north\n");
}

TEST(PositionFilter, follows_a_drive_and_gives_the_same_bits_each_time) {
  Rows rows;
  MadeUpDrive drive(2.0, 0.0, 1);
  drive.pulse_radps = 1.0;
  drive.errors.velocity_sigma_mps = 0.05;
  drive.run(rows, 40.0);
  const auto run = [&](Filter& filter, TimeNs from) {
    for (std::size_t i = 1; i < rows.all.size(); ++i) {
      filter.update(from + 10'000'000 * static_cast<TimeNs>(i), i == 1, rows.all[i]);
    }
    return std::vector<float>(filter.output().begin(), filter.output().end());
  };
  const auto one = position_type.make(section(), layouts);
  const auto other = position_type.make(section(), layouts);
  const std::vector<float> first = run(*one, 0);
  EXPECT_EQ(first[23], 1.0F);
  EXPECT_NEAR(static_cast<double>(first[0]), drive.position()[0], 0.5);
  EXPECT_EQ(run(*other, 0), first);
  EXPECT_EQ(run(*other, 900'000'000'000), first);
}

std::vector<Layout> gnss_layouts() {
  std::vector<Layout> inputs = layouts;
  inputs[3].channels.pop_back();  // east and north
  inputs.push_back(three(Quantity::length));
  return inputs;
}
constexpr std::string_view gnss_text =
    "{id: place, platform: position, accelerometer: imu.acceleration, gyroscope: imu.angular_rate, "
    "position: gnss.position, velocity: gnss.velocity, position_sigma: gnss.position_sigma}";

TEST(PositionFilter, takes_a_velocity_without_up_and_the_fixes_own_deviations) {
  std::vector<config::Diagnostic> diagnostics;
  static_cast<void>(position_type.output(section(gnss_text), gnss_layouts(), diagnostics));
  EXPECT_EQ(config::to_text("f", diagnostics), "");
  Rows rows;
  MadeUpDrive drive(2.0, 0.0, 1);
  drive.pulse_radps = 1.0;
  drive.errors.velocity_sigma_mps = 0.05;
  drive.run(rows, 40.0);
  const auto filter = position_type.make(section(gnss_text), gnss_layouts());
  for (std::size_t i = 1; i < rows.all.size(); ++i) {
    std::vector<float> row(rows.all[i].begin(), rows.all[i].begin() + 11);
    const float sigma = i < 2000 ? 0.02F : 0.5F;
    row.insert(row.end(), {sigma, sigma, 2.0F * sigma});
    filter->update(10'000'000 * static_cast<TimeNs>(i), i == 1, row);
    if (i == 1999) {
      EXPECT_LT(filter->output()[10], 0.02F) << "east";
    }
  }
  EXPECT_EQ(filter->output()[23], 1.0F);
  EXPECT_NEAR(static_cast<double>(filter->output()[0]), drive.position()[0], 0.5);
  EXPECT_NEAR(static_cast<double>(filter->output()[2]), 0.0, 0.5);
  EXPECT_GT(filter->output()[12], 0.02F) << "up, with less sure fixes since";
  EXPECT_LT(filter->output()[12], 1.0F);
}

TEST(PositionFilter, takes_fixes_that_say_the_same_again_where_it_is_told) {
  const auto rest = [](bool told) {
    const auto filter = position_type.make(section(gnss_text), gnss_layouts());
    for (int i = 1; i < 3000; ++i) {
      std::vector<float> row(14, 0.0F);
      row[2] = 9.80665F;
      row[0] = i < 300 ? 2.0F * std::sin(0.05F * static_cast<float>(i)) : 0.0F;
      row[9] = i < 300 ? 0.4F * (1.0F - std::cos(0.05F * static_cast<float>(i / 20 * 20))) : 0.0F;
      row[11] = row[12] = row[13] = 1.0F;
      row[6] = 1.0F;
      if (told && i % 20 == 0) {
        filter->input_is_new(2);
        filter->input_is_new(3);
      }
      filter->update(10'000'000 * static_cast<TimeNs>(i), i == 1, row);
    }
    return std::vector<float>(filter->output().begin(), filter->output().end());
  };
  EXPECT_EQ(rest(true).back(), 0.0F);
  EXPECT_EQ(rest(false).back(), 1.0F) << "an outage";
}

TEST(PositionFilter, yields_no_nan_from_broken_rows) {
  const auto filter = position_type.make(section(), layouts);
  for (int i = 0; i < 300; ++i) {
    std::vector<float> row(12, i % 3 == 0 ? std::numeric_limits<float>::quiet_NaN() : 1e30F);
    if (i % 2 == 0) row.assign(12, 0.0F);
    filter->update(i % 7 == 0 ? 0 : 10'000'000 * TimeNs{i}, false, row);
    for (const float v : filter->output()) ASSERT_TRUE(std::isfinite(v));
  }
  const auto gnss = position_type.make(section(gnss_text), gnss_layouts());
  for (int i = 1; i < 1000; ++i) {
    std::vector<float> row(14, i % 5 == 0 ? std::numeric_limits<float>::quiet_NaN() : 1.0F);
    if (i % 3 == 0) row[11] = i % 2 == 0 ? -1.0F : std::numeric_limits<float>::infinity();
    gnss->input_is_new(2);
    gnss->update(10'000'000 * TimeNs{i}, false, row);
    for (const float v : gnss->output()) ASSERT_TRUE(std::isfinite(v));
  }
}

}  // namespace
}  // namespace haltere::fusion
