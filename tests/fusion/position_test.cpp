// Truth by simulation, Jacobians against differences, and what the filter says of its own errors.

#include "fusion/navigation/position.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fusion/made_up_drive.hpp"
#include "tests/fusion/normal_equations.hpp"

namespace haltere::fusion::navigation {
namespace {

using sensors::TimeNs;

constexpr std::size_t n = part::count;

Vec3 at(const ErrorState& error, std::size_t first) {
  return {error[first], error[first + 1], error[first + 2]};
}

/// The true state, `error` away from the filter's (Solà, table 3).
PositionState moved(PositionState state, const ErrorState& error) {
  state.position_m = state.position_m + at(error, part::position);
  state.velocity_mps = state.velocity_mps + at(error, part::velocity);
  state.orientation = normalized(state.orientation * from_turn(at(error, part::attitude)));
  state.accelerometer_bias_mps2 = state.accelerometer_bias_mps2 + at(error, part::accelerometer);
  state.gyro_bias_radps = state.gyro_bias_radps + at(error, part::gyroscope);
  return state;
}

/// What takes `state` to `truth`.
std::vector<double> error_between(const PositionState& state, const PositionState& truth) {
  const Quat apart = conjugate(state.orientation) * truth.orientation;
  const double sign = apart.w < 0.0 ? -2.0 : 2.0;
  std::vector<double> error;
  const auto add = [&](const Vec3& v) { error.insert(error.end(), v.axes.begin(), v.axes.end()); };
  add(truth.position_m - state.position_m);
  add(truth.velocity_mps - state.velocity_mps);
  add({sign * apart.x, sign * apart.y, sign * apart.z});
  add(truth.accelerometer_bias_mps2 - state.accelerometer_bias_mps2);
  add(truth.gyro_bias_radps - state.gyro_bias_radps);
  return error;
}

PositionState aligned_state() {
  Position filter;
  filter.inertial(0, {0.3, -0.2, 9.8}, {0.2, -0.4, 0.6});
  filter.fix(1, {1.0, 2.0, 3.0});
  EXPECT_TRUE(filter.align(from_turn({0.4, -0.3, 1.2}), 0.1));
  return filter.state();
}

PositionState stepped(const PositionSettings& settings, const PositionState& from) {
  Position filter(settings);
  filter.restore(from);
  filter.inertial(2'000'000, {0.9, 1.4, 9.1}, {0.3, -0.5, 0.7});
  return filter.state();
}

TEST(Position, transition_equals_differences_of_the_motion) {
  PositionSettings settings;
  settings.acceleration_sigma_mps2 = settings.rate_sigma_radps = settings.scale_sigma = 0.0;
  settings.accelerometer_wander_mps2 = settings.gyro_wander_radps = 0.0;
  PositionState before = aligned_state();
  for (std::size_t column = 0; column < n; ++column) {
    // P = e e^T becomes F e (F e)^T.
    before.covariance = {};
    before.covariance[(n + 1) * column] = 1.0;
    const PositionState after = stepped(settings, before);
    ErrorState error{};
    error[column] = 1e-5;
    const std::vector<double> difference =
        error_between(after, stepped(settings, moved(before, error)));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        EXPECT_NEAR(after.covariance[n * i + j], difference[i] * difference[j] * 1e10, 3e-5)
            << i << " " << j << " by " << column;
      }
    }
  }
}

TEST(Position, turned_frame_equals_differences_of_the_error) {
  const Vec3 turn{0.02, -0.03, 0.01};
  Covariance p{};
  for (std::size_t i = 0; i < 3; ++i) p[(n + 1) * (part::attitude + i)] = 1.0;
  turn_frame(p, turn);
  // The error left after injecting `turn`: d -> 2 vec(exp(turn)^-1 exp(d)) at d = turn.
  Mat3 jacobian;
  for (std::size_t by = 0; by < 3; ++by) {
    Vec3 d = turn;
    d[by] += 1e-6;
    const Quat left = conjugate(from_turn(turn)) * from_turn(d);
    jacobian(0, by) = 2.0 * left.x / 1e-6;
    jacobian(1, by) = 2.0 * left.y / 1e-6;
    jacobian(2, by) = 2.0 * left.z / 1e-6;
  }
  const Mat3 expected = jacobian * transposed(jacobian);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      EXPECT_NEAR(p[n * (part::attitude + i) + part::attitude + j], expected(i, j), 1e-3);
    }
  }
}

void expect_near(const Vec3& a, const Vec3& b, double tolerance) {
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(a[i], b[i], tolerance) << "axis " << i;
}

void start(Position& filter, MadeUpDrive& drive) {
  drive.run(filter, 1.0);
  ASSERT_TRUE(filter.align(drive.orientation(), 0.05));
}

TEST(Position, follows_constant_velocity) {
  Position filter;
  MadeUpDrive drive(12.0, 0.0, 1);
  start(filter, drive);
  drive.run(filter, 20.0);
  expect_near(filter.output().position_m, drive.position(), 0.02);
  expect_near(filter.output().velocity_mps, drive.velocity(), 0.01);
}

/// Sensors without errors of scale.
PositionSettings ideal() {
  PositionSettings settings;
  settings.scale_sigma = 0.0;
  return settings;
}

TEST(Position, follows_a_circle_and_finds_biases) {
  Position filter(ideal());
  MadeUpDrive drive(8.0, 0.4, 2);
  drive.errors.accelerometer_bias_mps2 = {0.1, -0.15, 0.2};
  drive.errors.gyro_bias_radps = {0.004, -0.003, 0.005};
  start(filter, drive);
  drive.run(filter, 120.0);
  expect_near(filter.output().position_m, drive.position(), 0.1);
  expect_near(filter.output().velocity_mps, drive.velocity(), 0.05);
  // The vertical ones: a level circle does not tell the others from a tilt.
  EXPECT_NEAR(filter.output().gyro_bias_radps[2], 0.005, 0.001);
  EXPECT_NEAR(filter.output().accelerometer_bias_mps2[2], 0.2, 0.05);
}

TEST(Position, tells_its_heading_by_the_drive_alone) {
  Position filter(ideal());
  MadeUpDrive drive(8.0, 0.4, 3);
  drive.run(filter, 1.0);
  ASSERT_TRUE(filter.align(from_turn({0.0, 0.0, 0.3}) * drive.orientation(), 0.3));
  drive.run(filter, 30.0);
  const Quat apart = conjugate(filter.output().orientation) * drive.orientation();
  EXPECT_LT(std::abs(apart.z), 0.02);
  EXPECT_LT(filter.output().heading_sigma_rad, 0.1);
}

// 15 on average, were the model and its covariance right; of 60 runs the mean is within three
// deviations of that. From errors so small that what is left out of second order counts for
// nothing.
TEST(Position, knows_how_wrong_it_is) {
  constexpr int runs = 60;
  double sum = 0.0;
  PositionSettings settings;
  settings.scale_sigma = settings.accelerometer_wander_mps2 = settings.gyro_wander_radps = 0.0;
  settings.tilt_sigma_rad = 0.02;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    Position filter(settings);
    MadeUpDrive drive(8.0, 0.4, seed);
    MadeUpDrive::Errors& errors = drive.errors;
    errors.acceleration_sigma_mps2 = settings.acceleration_sigma_mps2;
    errors.rate_sigma_radps = settings.rate_sigma_radps;
    errors.velocity_sigma_mps = settings.velocity_sigma_mps;
    errors.fix_sigma_m = {settings.fix_horizontal_sigma_m, settings.fix_horizontal_sigma_m,
                          settings.fix_vertical_sigma_m};
    errors.accelerometer_bias_mps2 = drive.noise(settings.accelerometer_bias_sigma_mps2);
    errors.gyro_bias_radps = drive.noise(settings.gyro_bias_sigma_radps);
    drive.run(filter, 1.0);
    Vec3 tilted = drive.noise(settings.tilt_sigma_rad);
    tilted[2] = drive.noise(0.05)[0];
    ASSERT_TRUE(filter.align(drive.orientation() * from_turn(tilted), 0.05));
    drive.run(filter, 20.0);
    PositionState truth = filter.state();
    truth.position_m = drive.position();
    truth.velocity_mps = drive.velocity();
    truth.orientation = drive.orientation();
    truth.accelerometer_bias_mps2 = errors.accelerometer_bias_mps2;
    truth.gyro_bias_radps = errors.gyro_bias_radps;
    const Covariance& p = filter.state().covariance;
    sum += fusion::normalized_square(error_between(filter.state(), truth), {p.begin(), p.end()});
  }
  EXPECT_NEAR(sum / runs, 15.0, 3.0 * std::sqrt(2.0 * 15.0 / runs));
}

TEST(Position, bridges_an_outage_and_says_so) {
  Position filter;
  MadeUpDrive drive(8.0, 0.4, 4);
  start(filter, drive);
  drive.run(filter, 60.0);
  const double sigma_m = filter.output().position_sigma_m[0];
  drive.has_fix = drive.has_velocity = false;
  drive.run(filter, 10.0);
  EXPECT_TRUE(filter.output().outage);
  EXPECT_GT(filter.output().position_sigma_m[0], sigma_m);
  expect_near(filter.output().position_m, drive.position(), 1.0);
  drive.has_fix = true;
  drive.run(filter, 1.0);
  EXPECT_FALSE(filter.output().outage);
}

TEST(Position, passes_over_a_bad_fix) {
  Position filter;
  MadeUpDrive drive(8.0, 0.4, 5);
  start(filter, drive);
  drive.run(filter, 20.05);
  const PositionOutput before = filter.output();
  EXPECT_FALSE(filter.fix(drive.now_ns(), drive.position() + Vec3{40.0, 0.0, 0.0}));
  EXPECT_TRUE(filter.output().fix_rejected);
  EXPECT_EQ(filter.output().position_m, before.position_m);
  drive.run(filter, 0.5);
  EXPECT_FALSE(filter.output().fix_rejected);
  EXPECT_EQ(filter.counts().rejected, 1U);
}

TEST(Position, believes_fixes_that_stay_away) {
  Position filter;
  MadeUpDrive drive(8.0, 0.4, 6);
  start(filter, drive);
  drive.run(filter, 20.0);
  ErrorState error{};
  error[part::position] = 500.0;
  filter.restore(moved(filter.state(), error));
  drive.run(filter, 20.0);
  EXPECT_EQ(filter.counts().restarts, 1U);
  expect_near(filter.output().position_m, drive.position(), 0.2);
}

TEST(Position, without_velocities_starts_from_two_fixes) {
  Position filter;
  MadeUpDrive drive(20.0, 0.0, 7);
  drive.has_velocity = false;
  start(filter, drive);
  drive.run(filter, 20.0);
  EXPECT_EQ(filter.counts().rejected, 0U);
  expect_near(filter.output().velocity_mps, drive.velocity(), 0.1);
}

TEST(Position, takes_a_tilt_that_is_better_than_its_own) {
  Position filter;
  MadeUpDrive drive(8.0, 0.0, 10);
  drive.run(filter, 1.0);
  const Vec3 tilted{0.03, -0.02, 0.0};
  ASSERT_TRUE(filter.align(drive.orientation() * from_turn(tilted), 0.05));
  EXPECT_TRUE(filter.level(drive.orientation(), 0.001));
  const Quat apart = conjugate(filter.output().orientation) * drive.orientation();
  EXPECT_NEAR(apart.x, 0.0, 0.0005);
  EXPECT_NEAR(apart.y, 0.0, 0.0005);
  EXPECT_FALSE(filter.level(drive.orientation(), 0.1));
  EXPECT_FALSE(filter.level(from_turn({1.0, 0.0, 0.0}), 0.0001));  // too far off
}

TEST(Position, goes_on_from_a_saved_state_to_the_bit) {
  Position whole;
  MadeUpDrive drive(8.0, 0.4, 8);
  drive.errors.fix_sigma_m = {1.0, 1.0, 2.0};
  drive.errors.velocity_sigma_mps = 0.1;
  start(whole, drive);
  drive.run(whole, 5.55);
  Position restored;
  restored.restore(whole.state());
  MadeUpDrive again = drive;
  drive.run(whole, 5.0);
  again.run(restored, 5.0);
  EXPECT_EQ(whole.state().position_m, restored.state().position_m);
  EXPECT_EQ(whole.state().orientation, restored.state().orientation);
  EXPECT_EQ(whole.state().covariance, restored.state().covariance);
}

TEST(Position, loses_its_orientation_in_a_long_gap) {
  Position filter;
  MadeUpDrive drive(8.0, 0.4, 9);
  start(filter, drive);
  drive.run(filter, 5.0);
  filter.inertial(drive.now_ns() + 5'000'000'000, {0.0, 0.0, 9.8}, {});
  EXPECT_FALSE(filter.output().aligned);
  EXPECT_EQ(filter.counts().gaps, 1U);
}

}  // namespace
}  // namespace haltere::fusion::navigation
