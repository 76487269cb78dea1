// Where ranges end: told apart from all that only looks like it, in made-up and in recorded motion.

#include "fusion/ahrs/plateau.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fusion/ahrs/ahrs.hpp"
#include "tests/environment.hpp"
#include "tests/fusion/orientation_truth.hpp"
#include "tests/read_file.hpp"

namespace haltere::fusion {
namespace {

using ahrs::Plateau;
using ahrs::Plateaus;
using ahrs::Vec3;

/// As a converter of so many bits would report it.
float converted(float value, float range, int bits) {
  const float step = range / static_cast<float>(1 << (bits - 1));
  return step * ahrs::limited(std::round(value / step), std::round(range / step) - 1);
}

Vec3 converted(const Vec3& v, float range, int bits) {
  return {converted(v.x, range, bits), converted(v.y, range, bits), converted(v.z, range, bits)};
}

Plateau fresh() {
  Plateau plateau;
  plateau.clear();
  return plateau;
}

/// One that has seen the noise of a fine sensor.
Plateau rested() {
  Plateau plateau = fresh();
  for (int i = 0; i < 4; ++i) {
    const float v = i % 2 == 0 ? 0.0F : 0.0003F;
    plateau.update({v, v, v}, Plateaus::least_radps);
  }
  return plateau;
}

Vec3 swing(int i, float size, float radians) {
  const float t = radians * static_cast<float>(i);
  return {size * std::sin(t), 0.3F * size * std::cos(1.3F * t), 0.2F * size * std::sin(0.7F * t)};
}

TEST(Plateau, an_end_is_found_after_four_samples_and_then_at_once) {
  Plateau plateau = rested();
  int first = -1;
  int clipped_before = 0;
  for (int i = 0; i < 600; ++i) {
    const Vec3 v = swing(i, 11, 0.05F);
    const bool clips = v.x > 8.7F;
    const ahrs::Clipped got = plateau.update(converted(v, 8.7F, 16), Plateaus::least_radps);
    if (v.x < 0) continue;
    if (first < 0 && clips) ++clipped_before;
    if (first < 0 && got.axes != 0) {
      first = i;
      EXPECT_EQ(clipped_before, 4);
      EXPECT_EQ(got.samples, 4U);
    }
    if (first >= 0) {
      ASSERT_EQ(got.axes, clips ? 1U : 0U) << i;
    }
  }
  EXPECT_GE(first, 0);
}

TEST(Plateau, a_larger_value_shows_that_it_was_no_end) {
  Plateau plateau = rested();
  for (int i = 0; i < 100; ++i) {
    plateau.update(converted(swing(i, 11, 0.05F), 8.7F, 16), Plateaus::least_radps);
  }
  EXPECT_NE(plateau.known, 0U);
  plateau.update({9, 0, 0}, Plateaus::least_radps);
  EXPECT_EQ(plateau.update({8.7F, 0, 0}, Plateaus::least_radps).axes, 0U);
}

/// A swing as a sensor of so many bits shows it, with noise of so many of its steps.
struct Crests {
  int bits;
  float noise;
  float size;
  float radians;
};

bool shows_an_end(const Crests& crests) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  const float noise = crests.noise * 36.0F / static_cast<float>(1 << (crests.bits - 1));
  Plateau plateau = fresh();
  for (int i = 0; i < 3000; ++i) {
    const Vec3 v = swing(i, crests.size, crests.radians) +
                   noise * Vec3{normal(random), normal(random), normal(random)};
    if (plateau.update(converted(v, 36, crests.bits), Plateaus::least_radps).axes != 0) return true;
  }
  return false;
}

// Of all sizes, coarse and fine, slow and fast, with and without noise.
TEST(Plateau, smooth_crests_are_no_ends) {
  const std::vector<float> sizes{1.8F, 2.3F, 5.0F, 13.0F, 34.0F};
  const std::vector<float> speeds{0.002F, 0.01F, 0.04F, 0.15F, 0.6F};
  for (int i = 0; i < 300; ++i) {
    const Crests crests{std::array{8, 10, 12, 16}[static_cast<std::size_t>(i / 75)],
                        std::array{0.0F, 0.3F, 2.0F}[static_cast<std::size_t>(i / 25 % 3)],
                        sizes[static_cast<std::size_t>(i / 5 % 5)],
                        speeds[static_cast<std::size_t>(i % 5)]};
    EXPECT_FALSE(shows_an_end(crests)) << crests.bits << " bits, size " << crests.size << ", "
                                       << crests.radians << " rad, noise " << crests.noise;
  }
}

TEST(Plateau, rest_is_none_however_coarse) {
  std::mt19937 random(6);
  std::normal_distribution<float> normal;
  for (const float noise : {0.01F, 0.3F, 0.5F, 2.0F}) {
    Plateau plateau = fresh();
    for (int i = 0; i < 20000; ++i) {
      const Vec3 n = noise * Vec3{normal(random), normal(random), normal(random)};
      const Vec3 v = Vec3{std::round(n.x), std::round(n.y), 64 + std::round(n.z)};
      ASSERT_EQ(plateau.update(0.15F * v, Plateaus::least_mps2).axes, 0U) << noise;
    }
  }
}

TEST(Plateau, a_sensor_that_is_read_too_often_is_none) {
  Plateau plateau = fresh();
  for (int i = 0; i < 6000; ++i) {
    const Vec3 v = converted(swing(i / 6, 8, 0.4F), 35, 16);
    ASSERT_EQ(plateau.update(v, Plateaus::least_radps).axes, 0U);
  }
}

TEST(Plateau, what_is_no_number_is_passed_over) {
  Plateau plateau = rested();
  for (int i = 0; i < 100; ++i) {
    plateau.update({std::nanf(""), INFINITY, 1}, Plateaus::least_radps);
    plateau.update(converted(swing(i, 11, 0.05F), 8.7F, 16), Plateaus::least_radps);
  }
  EXPECT_TRUE(std::isfinite(plateau.extreme[0][0]));
  EXPECT_NE(plateau.known, 0U);
}

/// The recordings: 9 floats a row at 2000/7 Hz.
using Row = std::array<float, 9>;

std::vector<Row> read_rows(const std::string& path) {
  const std::string bytes = read_text(path);
  std::vector<Row> rows(bytes.size() / sizeof(Row));
  if (!rows.empty()) std::memcpy(rows.data(), bytes.data(), rows.size() * sizeof(Row));
  return rows;
}

struct Played {
  std::size_t clipped = 0;  ///< truly
  std::size_t found = 0;
  std::size_t false_alarms = 0;
  std::uint32_t lost = 0;
  std::vector<ahrs::Quat> orientations;
};

// Through a gyroscope that ends at `range_radps`, and of an accelerometer and magnetometer as they
// were.
Played play(const std::vector<Row>& rows, float range_radps, const ahrs::Settings& settings) {
  ahrs::Ahrs filter(settings);
  Played played;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& r = rows[i];
    const auto now = static_cast<std::int64_t>(i) * 3'500'000;
    const Vec3 shown{ahrs::limited(r[0], range_radps), ahrs::limited(r[1], range_radps),
                     ahrs::limited(r[2], range_radps)};
    const bool clips = shown.x != r[0] || shown.y != r[1] || shown.z != r[2];
    filter.gyroscope(now, shown);
    filter.accelerometer(now, {r[3], r[4], r[5]});
    filter.magnetometer(now, {r[6], r[7], r[8]});
    const ahrs::Output out = filter.output();
    const ahrs::Saturated& flags = out.saturated;
    if (clips) ++played.clipped;
    if (clips && flags.gyroscope != 0) ++played.found;
    if ((!clips && flags.gyroscope != 0) || flags.accelerometer != 0 || flags.magnetometer != 0) {
      ++played.false_alarms;
    }
    played.orientations.push_back(out.orientation);
  }
  played.lost = filter.counts().lost;
  return played;
}

class PlateauRecordings : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder))
      GTEST_SKIP() << "no recordings in " << folder << "; set HALTERE_DATA";
  }
  const std::string folder = recordings_folder() / "orientation";
  const std::vector<std::string> all{"02", "04", "06", "09", "12", "14", "15", "21",
                                     "24", "26", "29", "31", "32", "34", "35"};
};

TEST_F(PlateauRecordings, none_of_them_is_clipped_nor_lost) {
  for (const std::string& id : all) {
    const Played played = play(read_rows(folder + "/" + id + ".imu.f32"), 1000, {});
    EXPECT_EQ(played.false_alarms, 0U) << id;
    EXPECT_EQ(played.lost, 0U) << id;
  }
}

// Two fast ones, by a gyroscope of 500 deg/s; without the flag they are off by 13.9 and 40.9
// degrees.
TEST_F(PlateauRecordings, clipped_ones_are_noticed_and_go_less_astray) {
  for (const std::string id : {"06", "09"}) {
    const auto rows = read_rows(folder + "/" + id + ".imu.f32");
    const auto truth = read_truth(folder, id);
    if (rows.empty() || !truth) GTEST_SKIP() << "no recording " << id;
    const Played played = play(rows, 500 * ahrs::radian_per_degree, {});
    EXPECT_EQ(played.false_alarms, 0U) << id;
    EXPECT_GT(played.found, played.clipped * 98 / 100) << id;
    const OrientationScore scored = score(played.orientations, *truth);
    EXPECT_LT(scored.total_deg, id == "06" ? 8.0 : 16.0) << id;
  }
}

}  // namespace
}  // namespace haltere::fusion
