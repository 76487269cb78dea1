// What a sensor does between two samples, and that reports of before it cannot tell of it.

#include "fusion/navigation/unsampled.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "fusion/navigation/position.hpp"
#include "tests/fusion/made_up_drive.hpp"

namespace haltere::fusion::navigation {
namespace {

constexpr sensors::TimeNs ms = 1'000'000;

TEST(Interval, samples_that_are_held_make_one_long_interval) {
  Interval interval;
  const Vec3 knock{30.0, 0.0, 40.0};
  double sum = interval.widened(knock, 0.01);
  EXPECT_DOUBLE_EQ(sum, 0.01 * 0.01 / 12.0);
  sum += interval.widened({}, 0.01);
  sum += interval.widened({}, 0.02);
  EXPECT_DOUBLE_EQ(sum, 0.04 * 0.04 / 12.0);
  EXPECT_EQ(interval.change, knock);
  EXPECT_DOUBLE_EQ(interval.widened({1.0, 0.0, 0.0}, 0.01), 0.01 * 0.01 / 12.0);
}

TEST(Interval, a_sensor_at_rest_is_held_for_no_longer_than_a_tenth_of_a_second) {
  Interval interval;
  interval.widened({1.0, 0.0, 0.0}, 0.01);
  for (int i = 0; i < 20; ++i) interval.widened({}, 0.01);
  EXPECT_EQ(interval.change, Vec3{});
}

TEST(Pending, keeps_all_of_it_until_its_time_has_come) {
  Pending pending;
  Covariance p{};
  constexpr sensors::TimeNs delay_ns = 100 * ms;
  for (int i = 0; i < 200; ++i) {
    const sensors::TimeNs now_ns = i * ms;
    pending.add(now_ns, delay_ns, {1.0, 2.0, 0.0}, 0.5);
    pending.release(now_ns, delay_ns, p);
    const double released = p[(part::count + 1) * part::velocity];
    EXPECT_NEAR(released + pending.variance()[0], 0.5 * (i + 1), 1e-9);
    if (i <= 100) {
      EXPECT_EQ(released, 0.0);
    }
  }
  EXPECT_NEAR(p[(part::count + 1) * part::velocity], 50.0, 5.0);
  EXPECT_NEAR(p[part::count * part::velocity + part::velocity + 1], 100.0, 10.0);
  pending.release(1000 * ms, delay_ns, p);
  EXPECT_NEAR(p[(part::count + 1) * part::velocity], 100.0, 1e-9);
  EXPECT_EQ(pending.variance(), Vec3{});
}

TEST(Pending, never_counts_twice_what_was_released_where_there_is_no_room) {
  Pending pending;
  Covariance p{};
  constexpr sensors::TimeNs delay_ns = 100 * ms;
  for (int i = 0; i < 8; ++i) pending.add(i * 10 * ms, delay_ns, {1.0, 0.0, 0.0}, 1.0);
  pending.release(1000 * ms, delay_ns, p);
  for (int i = 0; i < 20; ++i) pending.add((1000 + i * 10) * ms, delay_ns, {1.0, 0.0, 0.0}, 1.0);
  EXPECT_EQ(pending.variance()[0], 20.0);
}

TEST(Pending, never_holds_anything_back_at_no_delay) {
  Pending pending;
  Covariance p{};
  for (int i = 0; i < 50; ++i) {
    pending.add(i * ms, 0, {1.0, 0.0, 0.0}, 1.0);
    pending.release(i * ms + 1, 0, p);
  }
  EXPECT_EQ(p[(part::count + 1) * part::velocity], 50.0);
}

/// A drive whose accelerometer misses most of a knock: it is as fast as before at once after.
class KnockedDrive {
 public:
  explicit KnockedDrive(Position& filter) : filter_(filter) {}
  void inertial(sensors::TimeNs time_ns, const Vec3& acceleration, const Vec3& rate) {
    if (time_ns == knock_ns) {
      filter_.inertial(time_ns, acceleration + Vec3{0.0, 0.0, -80.0}, rate);
    } else {
      filter_.inertial(time_ns, acceleration, rate);
    }
  }
  void velocity(sensors::TimeNs time_ns, const Vec3& value) { filter_.velocity(time_ns, value); }
  void fix(sensors::TimeNs time_ns, const Vec3& value) { filter_.fix(time_ns, value); }

  sensors::TimeNs knock_ns = 0;

 private:
  Position& filter_;
};

TEST(Position, a_knock_that_was_seen_in_part_costs_certainty_not_the_fixes) {
  PositionSettings settings;
  settings.fix_horizontal_sigma_m = 0.014;
  settings.fix_vertical_sigma_m = 0.02;
  settings.velocity_sigma_mps = 0.05;
  Position filter(settings);
  MadeUpDrive drive(8.0, 0.4, 11);
  KnockedDrive knocked(filter);
  drive.run(knocked, 1.0);
  ASSERT_TRUE(filter.align(drive.orientation(), 0.05));
  drive.run(knocked, 20.0);
  const double before_mps = filter.output().velocity_sigma_mps[2];
  // The next report, at once after it, is of before it.
  knocked.knock_ns = drive.now_ns() + 190 * ms;
  drive.run(knocked, 0.21);
  EXPECT_GT(filter.output().velocity_sigma_mps[2], before_mps + 0.2);
  EXPECT_LT(std::abs(filter.output().velocity_mps[2] - drive.velocity()[2]),
            4.0 * filter.output().velocity_sigma_mps[2]);
  drive.run(knocked, 1.0);
  EXPECT_EQ(filter.counts().rejected, 0U);
  EXPECT_NEAR(filter.output().velocity_mps[2], 0.0, 0.1);
  EXPECT_NEAR(filter.output().position_m[2], 0.0, 0.05);
}

}  // namespace
}  // namespace haltere::fusion::navigation
