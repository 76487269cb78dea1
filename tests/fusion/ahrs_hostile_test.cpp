// Whatever comes in, no NaN comes out: random and adversarial streams.

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "fusion/ahrs/ahrs.hpp"
#include "fusion/known/complementary.hpp"
#include "fusion/known/madgwick.hpp"
#include "fusion/known/mahony.hpp"
#include "fusion/smoother.hpp"

namespace haltere::fusion {
namespace {

using ahrs::Quat;
using ahrs::Vec3;

bool sound(const Quat& q) {
  return std::abs(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z - 1) < 1e-3F;  // false for NaN
}
bool finite(const Vec3& v) {
  return std::isfinite(v.x) && std::isfinite(v.y) && std::isfinite(v.z);
}

/// Makes streams that are mostly plausible, with bouts of what sensors and buses do at their worst.
class Hostile {
 public:
  explicit Hostile(std::uint64_t seed) : random_(seed) {}

  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
  float uniform(float low, float high) {
    return std::uniform_real_distribution<float>(low, high)(random_);
  }
  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }

  std::int64_t time_ns() {
    switch (chance(0.95) ? 0 : pick(7)) {
      case 0: now_ += 4'000'000; break;
      case 1: break;                             // stands still
      case 2: now_ -= 30'000'000; break;         // goes back
      case 3: now_ += 1; break;                  // a burst
      case 4: now_ += 300'000'000; break;        // a gap
      case 5: now_ += 5'000'000'000'000; break;  // a long one
      case 6: return extreme_time();             // nonsense, once
    }
    return now_;
  }

  Vec3 vector(float size) {
    if (bout_ == 0 && chance(0.01)) bout_ = 1 + pick(200), kind_ = pick(8);
    if (bout_ > 0) --bout_;
    const Vec3 plain{uniform(-size, size), uniform(-size, size), uniform(-size, size)};
    if (bout_ == 0) return plain;
    switch (kind_) {
      case 0: return {0, 0, 0};
      case 1: return {nan_, plain.y, plain.z};
      case 2: return {plain.x, infinity_, plain.z};
      case 3: return {0, 0, flip_ ? size : -size};
      case 4: flip_ = !flip_; return {size, -size, flip_ ? size : -size};
      case 5: return 1e30F * plain;
      case 6: return {1e-42F, -1e-42F, 1e-42F};
      default: return 150.0F * plain;
    }
  }

 private:
  std::int64_t extreme_time() {
    return chance(0.5) ? std::numeric_limits<std::int64_t>::max()
                       : std::numeric_limits<std::int64_t>::min();
  }

  std::mt19937_64 random_;
  std::int64_t now_ = 0;
  int bout_ = 0;
  int kind_ = 0;
  bool flip_ = false;
  float nan_ = std::numeric_limits<float>::quiet_NaN();
  float infinity_ = std::numeric_limits<float>::infinity();
};

void expect_sound(const ahrs::Output& out) {
  ASSERT_TRUE(sound(out.orientation));
  ASSERT_TRUE(finite(out.gravity_mps2));
  ASSERT_TRUE(finite(out.linear_acceleration_mps2));
  ASSERT_TRUE(finite(out.gyro_bias_radps));
  ASSERT_TRUE(finite(out.gyro_bias_sigma_radps));
  ASSERT_TRUE(finite(out.hard_iron_ut));
  ASSERT_TRUE(out.heading_rad >= 0 && out.heading_rad <= 6.2832F);
  ASSERT_TRUE(out.magnetometer_latency_s >= -0.01F && out.magnetometer_latency_s <= 0.04F);
}

void feed(ahrs::Ahrs& filter, Hostile& from, float turn_radps) {
  const std::int64_t now = from.time_ns();
  filter.gyroscope(now, from.vector(turn_radps));
  if (from.chance(0.9)) filter.accelerometer(now, from.vector(15.0F));
  if (from.chance(0.5)) filter.magnetometer(now, from.vector(60.0F));
}

TEST(AhrsHostile, yields_no_nan_from_random_streams) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    Hostile from(seed);
    ahrs::Ahrs filter;
    const float turn_radps = from.chance(0.5) ? 3.0F : 30.0F;
    for (int i = 0; i < 5000 && !HasFatalFailure(); ++i) {
      feed(filter, from, turn_radps);
      expect_sound(filter.output());
    }
  }
}

// Settles again after the worst, once the sensors do.
TEST(AhrsHostile, recovers_when_the_sensors_do) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    Hostile from(seed);
    ahrs::Ahrs filter;
    std::int64_t now = 0;
    for (int i = 0; i < 3000; ++i) {
      now += 4'000'000;
      filter.gyroscope(now, from.vector(3.0F));
      filter.accelerometer(now, from.vector(15.0F));
      filter.magnetometer(now, from.vector(60.0F));
    }
    for (int i = 0; i < 30'000; ++i) {
      now += 4'000'000;
      filter.gyroscope(now, {0, 0, 0});
      filter.accelerometer(now, {0, 0, 9.81F});
      filter.magnetometer(now, {0, 20, -40});
    }
    const Vec3 gravity = filter.output().gravity_mps2;
    EXPECT_GT(gravity.z, 9.80F);
    EXPECT_TRUE(filter.output().at_rest);
  }
}

MotionRecording hostile_recording(Hostile& from) {
  MotionRecording recording;
  std::int64_t now = 0;
  for (int i = 0; i < 1500; ++i) {
    now += from.chance(0.99) ? 4'000'000 : 3'000'000'000;
    recording.gyroscope.push_back({now, from.vector(5.0F)});
    if (from.chance(0.8)) recording.accelerometer.push_back({now, from.vector(15.0F)});
    if (from.chance(0.4)) recording.magnetometer.push_back({now, from.vector(60.0F)});
  }
  return recording;
}

TEST(SmootherHostile, yields_no_nan_from_random_recordings) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Hostile from(seed);
    const MotionRecording recording = hostile_recording(from);
    const std::vector<Quat> all = smooth(recording);
    ASSERT_EQ(all.size(), recording.gyroscope.size());
    for (const Quat& q : all) ASSERT_TRUE(sound(q));
  }
}

TEST(SmootherHostile, takes_recordings_without_a_sensor) {
  EXPECT_TRUE(smooth({}).empty());
  MotionRecording recording;
  recording.gyroscope = {{0, {0, 0, 1}}};
  EXPECT_EQ(smooth(recording).size(), 1U);
  recording.gyroscope.push_back({4'000'000, {0, 0, 1}});
  recording.accelerometer = {{0, {0, 0, 9.81F}}};
  EXPECT_EQ(smooth(recording).size(), 2U);
  for (const Quat& q : smooth(recording)) EXPECT_TRUE(sound(q));
}

template <typename Filter>
void feed_hostile() {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Hostile from(seed);
    Filter filter;
    for (int i = 0; i < 3000; ++i) {
      const float dt_s = from.chance(0.9) ? 0.004F : from.uniform(0.0F, 1.0F);
      filter.update(from.vector(5.0F), from.vector(15.0F), from.vector(60.0F), dt_s);
      ASSERT_TRUE(sound(filter.q)) << seed << " " << i;
    }
  }
}

TEST(KnownHostile, yield_no_nan_from_random_streams) {
  feed_hostile<known::Madgwick>();
  feed_hostile<known::Mahony>();
  feed_hostile<known::Complementary>();
}

}  // namespace
}  // namespace haltere::fusion
