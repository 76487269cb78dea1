// Rest, free fall, steps and taps: over made-up motion, and over recordings of real sensors.
#include "fusion/activity/activity.hpp"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/environment.hpp"
#include "tests/read_file.hpp"

namespace haltere::fusion::activity {
namespace {

using ahrs::Vec3;

constexpr unsigned seed = 20261122;
constexpr float g = 9.80665F;

/// Seconds in which a condition held, of a motion given by its acceleration at a time.
struct Seen {
  double rest_s = 0.0, fall_s = 0.0, walking_s = 0.0;
  std::uint32_t steps = 0, taps = 0;
};

Seen watch(float rate_hz, double seconds, const std::function<Vec3(double)>& acceleration) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0.0F, 0.03F);
  ActivityFilter filter({.rate_hz = rate_hz});
  Seen seen;
  for (int i = 0; i < static_cast<int>(seconds * static_cast<double>(rate_hz)); ++i) {
    Vec3 a = acceleration(i / static_cast<double>(rate_hz));
    a = a + Vec3{noise(random), noise(random), noise(random)};
    filter.update(a, {});
    const Activity& out = filter.output();
    seen.rest_s += out.at_rest ? 1.0 / static_cast<double>(rate_hz) : 0.0;
    seen.fall_s += out.free_fall ? 1.0 / static_cast<double>(rate_hz) : 0.0;
    seen.walking_s += out.walking ? 1.0 / static_cast<double>(rate_hz) : 0.0;
  }
  seen.steps = filter.output().steps;
  seen.taps = filter.output().taps;
  return seen;
}

const std::vector<float> rates{50.0F, 119.0F, 400.0F, 1600.0F};

TEST(Activity, a_table_rests_and_does_nothing_else) {
  for (const float rate : rates) {
    const Seen seen = watch(rate, 20.0, [](double) { return Vec3{0, 0, g}; });
    EXPECT_NEAR(seen.rest_s, 18.5, 0.1);
    EXPECT_EQ(seen.fall_s, 0.0);
    EXPECT_EQ(seen.steps, 0U);
    EXPECT_EQ(seen.taps, 0U);
  }
}

TEST(Activity, what_is_dropped_falls) {
  for (const float rate : rates) {
    const Seen seen = watch(rate, 6.0, [](double t) {
      return t > 3.0 && t < 3.45 ? Vec3{} : Vec3{0, 0, g};  // a metre
    });
    EXPECT_NEAR(seen.fall_s, 0.39, 0.03);
  }
}

// A body that walks swings between -2 and +3 m/s² about gravity, twice as sharply up as down.
TEST(Activity, walking_is_counted_step_by_step) {
  for (const double steps_per_s : {1.5, 1.9, 2.4}) {
    for (const float rate : rates) {
      const Seen seen = watch(rate, 24.0, [&](double t) {
        const bool walks = t > 2.0 && t < 22.0;
        const double phase = 6.283185307 * steps_per_s * (t - 2.0);
        const double swing = walks ? 2.5 * std::sin(phase) + 0.5 * std::sin(2.0 * phase) : 0.0;
        return Vec3{1.0F, 0.5F, g + static_cast<float>(swing)};
      });
      EXPECT_NEAR(seen.steps, 20.0 * steps_per_s, 3.0) << steps_per_s << " at " << rate;
      EXPECT_GT(seen.walking_s, 16.0);
      EXPECT_EQ(seen.taps, 0U);
    }
  }
}

TEST(Activity, three_swings_are_no_walk) {
  const Seen seen = watch(100.0F, 10.0, [](double t) {
    const bool swings = t > 3.0 && t < 4.4;
    return Vec3{0, 0, g + (swings ? 3.0F * static_cast<float>(std::sin(13.0 * t)) : 0.0F)};
  });
  EXPECT_EQ(seen.steps, 0U);
}

TEST(Activity, knocks_are_taps_and_shaking_is_not) {
  for (const float rate : {400.0F, 1600.0F}) {
    const Seen taps = watch(rate, 10.0, [](double t) {
      const double since = std::fmod(t, 1.0) - 0.5;  // ten of them, ringing out over 20 ms
      const double knock = since >= 0.0 && since < 0.03
                               ? 40.0 * std::cos(since * 300.0) * std::exp(-since / 0.008)
                               : 0.0;
      return Vec3{0, 0, g + static_cast<float>(knock)};
    });
    EXPECT_EQ(taps.taps, 10U) << rate;
    const Seen shaken = watch(rate, 10.0, [](double t) {
      return Vec3{0, 0, g + 30.0F * static_cast<float>(std::sin(6.283 * 5.0 * t))};
    });
    EXPECT_LE(shaken.taps, 1U) << rate;
  }
}

TEST(Activity, no_number_makes_it_stumble) {
  std::mt19937_64 random(seed);
  ActivityFilter filter({.rate_hz = 100.0F, .has_gyroscope = true});
  for (int i = 0; i < 100'000; ++i) {
    const auto value = [&] {
      switch (random() % 40) {
        case 0: return std::numeric_limits<float>::quiet_NaN();
        case 1: return std::numeric_limits<float>::infinity();
        case 2: return 3e38F;
        default: return static_cast<float>(random() % 400) * 0.1F - 20.0F;
      }
    };
    filter.update({value(), value(), value()}, {value(), value(), value()});
    if (random() % 1000 == 0) filter.restart();
  }
  for (int i = 0; i < 400; ++i) filter.update({0, 0, g}, {});
  EXPECT_TRUE(filter.output().at_rest) << "nothing of it is left";
}

template <typename Number>
std::vector<Number> read_all(const std::string& path) {
  const std::string bytes = read_text(path);
  std::vector<Number> all(bytes.size() / sizeof(Number));
  if (!all.empty()) std::memcpy(all.data(), bytes.data(), all.size() * sizeof(Number));
  return all;
}

// The recordings say when they were moved; before that the sensor lay still.
TEST(ActivityOnRecordings, rest_is_told_from_motion) {
  const std::string folder = recordings_folder() / "orientation/";
  int resting = 0, told = 0, moving = 0, mistaken = 0, recordings = 0;
  for (int trial = 1; trial <= 39; ++trial) {
    char name[8];
    std::snprintf(name, sizeof name, "%02d", trial);
    const auto imu = read_all<float>(folder + name + ".imu.f32");
    const auto move = read_all<std::uint8_t>(folder + name + ".move.u8");
    if (imu.empty()) continue;
    ++recordings;
    ActivityFilter filter({.rate_hz = 2000.0F / 7.0F, .has_gyroscope = true});
    for (std::size_t i = 0; i < move.size(); ++i) {
      const float* v = &imu[9 * i];
      filter.update({v[3], v[4], v[5]}, {v[0], v[1], v[2]});
      const bool settled = i > 600;
      if (move[i] != 0) {
        ++moving;
        mistaken += filter.output().at_rest ? 1 : 0;
      } else if (settled) {
        ++resting;
        told += filter.output().at_rest ? 1 : 0;
      }
    }
  }
  if (recordings == 0) GTEST_SKIP() << "no recordings in " << folder << "; set HALTERE_DATA";
  EXPECT_GT(told, resting * 9 / 10) << "of " << resting << ", 1.5 s after each motion included";
  EXPECT_LT(mistaken, moving / 1000) << "of " << moving;
}

}  // namespace
}  // namespace haltere::fusion::activity
