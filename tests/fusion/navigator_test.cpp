// Position from the first sample on; whatever comes in, no NaN comes out.

#include "fusion/navigation/navigator.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "fusion/navigation/geodesy.hpp"
#include "tests/fusion/made_up_drive.hpp"

namespace haltere::fusion::navigation {
namespace {

using sensors::TimeNs;

Vec3 turned_back(const Quat& q, const Vec3& v) { return to_matrix(conjugate(q)) * v; }

void expect_near(const Vec3& a, const Vec3& b, double tolerance) {
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(a[i], b[i], tolerance) << "axis " << i;
}

/// With a compass beside the drive's other sensors.
void run_with_compass(Navigator& navigator, MadeUpDrive& drive, double seconds) {
  const Vec3 field{0.0, 20.0, -40.0};  // north, and down
  for (int i = 0; i < static_cast<int>(100.0 * seconds); ++i) {
    drive.tick(navigator);
    navigator.magnetometer(drive.now_ns(), turned_back(drive.orientation(), field));
  }
}

TEST(Navigator, gives_the_fixes_until_it_knows_north) {
  Navigator navigator;
  MadeUpDrive drive(10.0, 0.0, 1);
  drive.has_velocity = false;
  drive.run(navigator, 5.0);
  const PositionOutput out = navigator.output();
  EXPECT_TRUE(out.has_fix);
  EXPECT_FALSE(out.aligned);
  EXPECT_FALSE(out.outage);
  expect_near(out.position_m, drive.position(drive.latency_s), 1e-9);
}

TEST(Navigator, finds_north_by_a_compass) {
  Navigator navigator;
  MadeUpDrive drive(10.0, 0.0, 2);
  run_with_compass(navigator, drive, 20.0);
  const PositionOutput out = navigator.output();
  ASSERT_TRUE(out.aligned);
  expect_near(out.position_m, drive.position(), 0.05);
  expect_near(out.velocity_mps, drive.velocity(), 0.05);
  EXPECT_NEAR(out.orientation.z, 0.0, 0.02);
}

TEST(Navigator, turns_magnetic_north_by_the_declination) {
  NavigatorSettings settings;
  settings.declination_rad = 0.2;  // what the compass calls north is east of north
  Navigator navigator(settings);
  MadeUpDrive drive(0.0, 0.0, 3);
  run_with_compass(navigator, drive, 4.0);
  ASSERT_TRUE(navigator.output().aligned);
  EXPECT_NEAR(2.0 * navigator.output().orientation.z, -0.2, 0.02);
}

TEST(Navigator, finds_north_by_velocities_alone) {
  Navigator navigator;
  MadeUpDrive drive(2.0, 0.0, 4);
  drive.pulse_radps = 1.0;
  drive.errors.velocity_sigma_mps = 0.05;
  drive.run(navigator, 40.0);
  const PositionOutput out = navigator.output();
  ASSERT_TRUE(out.aligned);
  const Quat apart = conjugate(out.orientation) * drive.orientation();
  EXPECT_LT(std::abs(2.0 * apart.z), 0.1);
  expect_near(out.position_m, drive.position(), 0.5);
}

TEST(Navigator, follows_a_circle_where_tilt_by_gravity_is_little_trusted) {
  NavigatorSettings settings;
  settings.tilt_sigma_rad = 0.2;
  Navigator navigator(settings);
  MadeUpDrive drive(3.0, 0.1, 7);
  run_with_compass(navigator, drive, 60.0);
  ASSERT_TRUE(navigator.output().aligned);
  expect_near(navigator.output().position_m, drive.position(), 0.2);
}

// Gravity shows the tilt all the while.
TEST(Navigator, bridges_an_outage_with_the_tilt) {
  Navigator navigator;
  MadeUpDrive drive(0.5, 0.0, 8);
  drive.pulse_radps = 2.0;
  drive.errors.gyro_bias_radps = {0.002, -0.002, 0.002};
  drive.errors.velocity_sigma_mps = 0.05;
  run_with_compass(navigator, drive, 40.0);
  drive.has_fix = drive.has_velocity = false;
  run_with_compass(navigator, drive, 10.0);
  EXPECT_TRUE(navigator.output().outage);
  expect_near(navigator.output().position_m, drive.position(), 2.0);
}

TEST(Navigator, goes_on_from_a_saved_state_to_the_bit) {
  for (const double seconds : {1.5, 15.0}) {  // before and after it is aligned
    Navigator whole;
    MadeUpDrive drive(8.0, 0.5, 5);
    drive.errors.fix_sigma_m = {1.0, 1.0, 2.0};
    run_with_compass(whole, drive, seconds);
    Navigator restored;
    restored.restore(whole.state());
    MadeUpDrive again = drive;
    run_with_compass(whole, drive, 10.0);
    run_with_compass(restored, again, 10.0);
    EXPECT_TRUE(whole.output().aligned);
    EXPECT_EQ(whole.output().position_m, restored.output().position_m);
    EXPECT_EQ(whole.output().orientation, restored.output().orientation);
    EXPECT_EQ(whole.output().position_sigma_m, restored.output().position_sigma_m);
  }
}

TEST(Navigator, starts_over_after_a_long_gap) {
  Navigator navigator;
  MadeUpDrive drive(8.0, 0.5, 6);
  run_with_compass(navigator, drive, 10.0);
  navigator.inertial(drive.now_ns() + 20'000'000'000, {0.0, 0.0, 9.8}, {});
  EXPECT_FALSE(navigator.output().aligned);
}

/// Mostly plausible, and at times what sensors and buses do at their worst.
class Hostile {
 public:
  explicit Hostile(std::uint64_t seed) : random_(seed) {}
  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  double uniform(double size) {
    return std::uniform_real_distribution<double>(-size, size)(random_);
  }
  Vec3 vector(double size) {
    const Vec3 plain{uniform(size), uniform(size), uniform(size)};
    switch (pick(60)) {
      case 0: return {};
      case 1: return {std::numeric_limits<double>::quiet_NaN(), plain[1], plain[2]};
      case 2: return {plain[0], std::numeric_limits<double>::infinity(), plain[2]};
      case 3: return 1e6 * plain;
      case 4: return 1e300 * plain;
      case 5: return 1e-310 * plain;
      case 6: return 150.0 * plain;
      default: return plain;
    }
  }
  TimeNs time_ns() {
    switch (pick(250)) {
      case 0: break;  // stands still
      case 1: now_ -= 30'000'000; break;
      case 2: now_ += 400'000'000; break;
      case 3: now_ += 2'000'000'000; break;
      case 4: return std::numeric_limits<TimeNs>::max();
      case 5: return std::numeric_limits<TimeNs>::min();
      case 6: now_ += 1; break;
      default: now_ += 10'000'000;
    }
    return now_;
  }

 private:
  std::mt19937_64 random_;
  TimeNs now_ = 0;
};

bool finite(const Vec3& v) { return within(v, std::numeric_limits<double>::max()); }

bool sound(const PositionOutput& out) {
  const Quat& q = out.orientation;
  const double size = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
  return finite(out.position_m) && finite(out.velocity_mps) && finite(out.position_sigma_m) &&
         finite(out.velocity_sigma_mps) && std::isfinite(out.heading_sigma_rad) &&
         finite(out.accelerometer_bias_mps2) && finite(out.gyro_bias_radps) &&
         std::abs(size - 1.0) < 1e-5;
}

void feed(Navigator& navigator, Hostile& from) {
  const TimeNs now = from.time_ns();
  navigator.inertial(now, Vec3{0.0, 0.0, 9.8} + from.vector(2.0), from.vector(1.0));
  if (from.pick(3) == 0) navigator.magnetometer(now, Vec3{0.0, 20.0, -40.0} + from.vector(2.0));
  if (from.pick(20) == 0) navigator.velocity(now, from.vector(3.0));
  if (from.pick(20) == 0) navigator.fix(now, from.vector(5.0));
}

TEST(NavigatorHostile, yields_no_nan_whatever_comes) {
  int aligned = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Hostile from(seed);
    Navigator navigator;
    for (int i = 0; i < 4000; ++i) {
      feed(navigator, from);
      ASSERT_TRUE(sound(navigator.output())) << "seed " << seed << ", step " << i;
      aligned += navigator.output().aligned ? 1 : 0;
    }
  }
  EXPECT_GT(aligned, 12 * 400);  // else it has tried little
}

TEST(Geodesy, is_the_ellipsoids) {
  expect_near(earth_centred({0.0, 0.0, 0.0}), {6'378'137.0, 0.0, 0.0}, 1e-6);
  expect_near(earth_centred({0.5 * pi, 0.3, 0.0}), {0.0, 0.0, 6'356'752.314245}, 1e-5);
  // One minute of longitude at 60° north: N cos(60°) / 3438.
  const Geodetic origin{60.0 * radian_per_degree, 10.0 * radian_per_degree, 100.0};
  const LocalFrame frame(origin);
  expect_near(frame.local(origin), {}, 1e-9);
  const double minute = radian_per_degree / 60.0;
  const Vec3 east = frame.local({origin.latitude_rad, origin.longitude_rad + minute, 100.0});
  const double normal_m = 6'378'137.0 / std::sqrt(1.0 - 0.00669437999014 * 0.75) + 100.0;
  EXPECT_NEAR(east[0], 0.5 * normal_m * std::sin(minute), 1e-4);
  // The meridian's radius of curvature there is 6,383,453.86 m.
  const Vec3 north = frame.local({origin.latitude_rad + minute, origin.longitude_rad, 100.0});
  EXPECT_NEAR(north[1], (6'383'453.86 + 100.0) * minute, 0.02);
  const Vec3 up = frame.local({origin.latitude_rad, origin.longitude_rad, 142.0});
  expect_near(up, {0.0, 0.0, 42.0}, 1e-8);
  EXPECT_FALSE(is_place({2.0, 0.0, 0.0}));
  EXPECT_FALSE(is_place({0.0, std::nan(""), 0.0}));
}

}  // namespace
}  // namespace haltere::fusion::navigation
