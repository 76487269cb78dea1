// What sensors do at their worst, one at a time: what comes of it, and which count tells.

#include <limits>

#include <gtest/gtest.h>

#include "tests/fusion/made_up_board.hpp"

namespace haltere::fusion {
namespace {

using ahrs::Ahrs;
using ahrs::Vec3;

constexpr float nan = std::numeric_limits<float>::quiet_NaN();

class AhrsFaults : public testing::Test {
 protected:
  AhrsFaults() { run(filter_, board_, 20); }

  /// Moves for so long; `feed` gives the filter what the sensors show.
  template <typename Feed>
  void move(float seconds, Feed feed) {
    const auto steps = static_cast<int>(1e9F * seconds / static_cast<float>(board_.step));
    for (int i = 0; i < steps; ++i) {
      board_.move();
      feed(i);
      ASSERT_TRUE(std::isfinite(error_deg()));
    }
  }
  void feed(const Vec3& gyroscope, const Vec3& accelerometer) {
    filter_.gyroscope(board_.now, gyroscope);
    filter_.accelerometer(board_.now, accelerometer);
  }
  float error_deg() const { return angle_deg(filter_.orientation(), board_.truth); }

  Ahrs filter_{exact_latencies()};
  Board board_;
};

TEST_F(AhrsFaults, samples_that_are_no_numbers_are_refused) {
  move(4, [&](int i) {
    const bool broken = i % 2 == 1;
    feed(broken ? Vec3{nan, 0, 0} : board_.gyroscope(),
         broken ? Vec3{0, 0, nan} : board_.accelerometer());
  });
  EXPECT_EQ(filter_.counts().refused, 800U);
  EXPECT_LT(error_deg(), 1.0F);
}

Vec3 clipped(const Vec3& v, float end) {
  return {ahrs::limited(v.x, end), ahrs::limited(v.y, end), ahrs::limited(v.z, end)};
}

TEST_F(AhrsFaults, saturated_axes_are_forgotten_once_they_are_not) {
  move(5, [&](int) { feed(clipped(board_.gyroscope(), 1), board_.accelerometer()); });
  EXPECT_GT(error_deg(), 10.0F);
  EXPECT_EQ(filter_.output().saturated.gyroscope, 0U) << "no gyroscope's range is that small";
  run(filter_, board_, 60);
  EXPECT_LT(error_deg(), 3.0F);
  EXPECT_FALSE(filter_.gyroscope(board_.now + ms, {0, 300, 0})) << "no gyroscope shows that";
  EXPECT_EQ(filter_.counts().refused, 1U);
}

TEST_F(AhrsFaults, free_fall_tells_nothing_of_the_tilt) {
  move(1, [&](int) { feed(board_.gyroscope(), {0, 0, 0}); });
  EXPECT_LT(error_deg(), 0.5F);
  EXPECT_NEAR(length(filter_.output().linear_acceleration_mps2), ahrs::gravity_mps2, 1e-3)
      << "which is how it shows";
}

TEST_F(AhrsFaults, a_flip_that_nobody_saw_is_found_again) {
  board_.truth = ahrs::normalized(board_.truth * ahrs::from_turn({ahrs::pi, 0, 0}));
  EXPECT_GT(error_deg(), 170.0F);
  run(filter_, board_, 30);
  EXPECT_LT(error_deg(), 3.0F);
  EXPECT_LT(length(filter_.output().gyro_bias_radps), 0.1F * degree) << "it was no bias";
  EXPECT_EQ(filter_.counts().lost, 1U);
}

TEST_F(AhrsFaults, a_turn_of_the_heading_that_nobody_saw_is_found_again) {
  board_.truth = ahrs::normalized(ahrs::from_turn({0, 0, ahrs::pi}) * board_.truth);
  run(filter_, board_, 10);
  EXPECT_LT(error_deg(), 2.0F);
  EXPECT_EQ(filter_.counts().lost, 1U);
}

TEST(AhrsRanges, a_turn_beyond_the_range_costs_trust_and_is_counted) {
  ahrs::Settings settings = exact_latencies();
  settings.sensor.gyroscope_range_radps = 2.5F;
  Ahrs filter(settings);
  Board board;
  run(filter, board, 20);
  EXPECT_EQ(filter.counts().lost, 0U);
  EXPECT_EQ(filter.output().saturated.gyroscope, 0U);
  // Half a turn about y in half a second, of which the gyroscope shows 72 degrees.
  const float before = filter.state().gyro.covariance.sigma[0];
  for (int i = 0; i < 100; ++i) {
    board.now += board.step;
    const Vec3 rate{0, 2 * ahrs::pi, 0};
    board.truth = ahrs::normalized(board.truth * ahrs::from_turn(0.005F * rate));
    filter.gyroscope(board.now, clipped(rate, 2.5F));
    filter.accelerometer(board.now, board.accelerometer());
    filter.magnetometer(board.now, board.magnetometer());
    EXPECT_EQ(filter.output().saturated.gyroscope, 2U);
  }
  EXPECT_GT(filter.state().gyro.covariance.sigma[0], before + 0.1F);
  run(filter, board, 30);
  EXPECT_EQ(filter.output().saturated.gyroscope, 0U);
  EXPECT_EQ(filter.counts().lost, 1U);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 5.0F);
  EXPECT_LT(length(filter.output().gyro_bias_radps), 0.1F * degree) << "it was no bias";
}

TEST(AhrsRanges, clipped_fields_and_accelerations_are_flagged) {
  ahrs::Settings settings = exact_latencies();
  settings.sensor.accelerometer_range_mps2 = 19.6F;
  settings.sensor.magnetometer_range_ut = 100;
  Ahrs filter(settings);
  Board board;
  run(filter, board, 20);
  const float heading = filter.output().heading_rad;
  for (int i = 0; i < 400; ++i) {
    board.now += board.step;
    filter.gyroscope(board.now, {0, 0, 0});
    filter.accelerometer(board.now, i == 399 ? Vec3{0, 0, -19.6F} : board.accelerometer());
    filter.magnetometer(board.now, {100, -100, 3});
  }
  EXPECT_EQ(filter.output().saturated.accelerometer, 4U);
  EXPECT_EQ(filter.output().saturated.magnetometer, 3U);
  EXPECT_NEAR(filter.output().heading_rad, heading, 0.01F) << "a clipped field points anywhere";
}

TEST_F(AhrsFaults, a_magnetometer_may_be_absent_half_the_time) {
  const ahrs::Counts before = filter_.counts();
  move(40, [&](int i) {
    feed(board_.gyroscope(), board_.accelerometer());
    if (i / 200 % 2 == 0) filter_.magnetometer(board_.now, board_.magnetometer());
  });
  EXPECT_LT(error_deg(), 0.5F);
  EXPECT_TRUE(filter_.output().has_heading);
  EXPECT_FALSE(filter_.output().field_disturbed);
  EXPECT_EQ(filter_.counts().gaps, before.gaps + 19);
}

TEST_F(AhrsFaults, a_clock_off_by_a_tenth_does_no_harm_that_stays) {
  std::int64_t stamp = board_.now;
  move(30, [&](int) {
    stamp += board_.step * 11 / 10;
    filter_.gyroscope(stamp, board_.gyroscope());
    filter_.accelerometer(stamp, board_.accelerometer());
    filter_.magnetometer(stamp, board_.magnetometer());
  });
  board_.now = stamp;
  run(filter_, board_, 300);
  EXPECT_LT(error_deg(), 2.0F);
}

TEST_F(AhrsFaults, time_that_stands_still_or_jumps_is_counted) {
  const std::int64_t still = board_.now + ms;
  move(0.2F, [&](int) {
    filter_.gyroscope(still, board_.gyroscope());
    filter_.accelerometer(still, board_.accelerometer());
  });
  EXPECT_EQ(filter_.counts().late, 78U);
  run(filter_, board_, 5);
  const ahrs::Counts before = filter_.counts();
  board_.now += 400 * ms;
  run(filter_, board_, 60);
  EXPECT_EQ(filter_.counts().gaps, before.gaps + 3) << "of each sensor";
  EXPECT_LT(error_deg(), 1.0F);
}

}  // namespace
}  // namespace haltere::fusion
