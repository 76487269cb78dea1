#include "fusion/orientation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace haltere::fusion {
namespace {

constexpr double degree = radian_per_degree;

double length(const Vector3& v) { return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]); }

double angle_between(const Vector3& a, const Vector3& b) {
  const double cosine = (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (length(a) * length(b));
  return std::acos(std::clamp(cosine, -1.0, 1.0));
}

// What an accelerometer at rest shows when the sensor is turned by `q`.
Vector3 up_in_sensor(const Quaternion& q) {
  return rotate({q.w, -q.x, -q.y, -q.z}, {0.0, 0.0, standard_gravity_mps2});
}

bool same_bits(const OrientationState& a, const OrientationState& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}

TEST(Rotation, turns_as_the_exact_sine_and_cosine_do) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> axis(-1, 1), size(-6, 2);
  for (int i = 0; i < 10'000; ++i) {
    const double scale = std::pow(10.0, size(random));
    const Vector3 turn{scale * axis(random), scale * axis(random), scale * axis(random)};
    const double angle = length(turn);
    const Quaternion q = from_turn(turn);
    const double sinc = angle > 0 ? std::sin(angle / 2) / angle : 0.5;
    const double tolerance = 1e-14 * std::max(1.0, angle);
    EXPECT_NEAR(q.w, std::cos(angle / 2), tolerance);
    EXPECT_NEAR(q.x, sinc * turn[0], tolerance);
    EXPECT_NEAR(q.z, sinc * turn[2], tolerance);
  }
}

TEST(LowPass, passes_slow_and_stops_fast_signals) {
  for (const double hertz : {0.01, 10.0}) {
    LowPass<1> filter;
    double largest = 0.0;
    for (int i = 0; i < 40'000; ++i) {
      filter.update({std::sin(2 * 3.141592653589793 * hertz * 0.01 * i)}, {0.01, 1.0});
      if (i > 20'000) largest = std::max(largest, std::abs(filter.output[0]));
    }
    // Second order: (cut-off / frequency)^2, the cut-off being sqrt(2) / (2 pi) Hz.
    EXPECT_NEAR(largest, hertz < 1 ? 1.0 : 0.000507, hertz < 1 ? 1e-3 : 1e-4);
  }
}

TEST(Orientation, levels_at_once_from_any_attitude) {
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 1000; ++i) {
    const Quaternion truth =
        normalized({normal(random), normal(random), normal(random), normal(random)});
    Orientation orientation;
    ASSERT_TRUE(orientation.update({}, up_in_sensor(truth), 0.01));
    EXPECT_LT(angle_between(orientation.gravity_mps2(), up_in_sensor(truth)), 1e-7);
    EXPECT_NEAR(length(orientation.gravity_mps2()), standard_gravity_mps2, 1e-9);
  }
  Orientation upside_down;
  upside_down.update({}, {0.0, 0.0, -standard_gravity_mps2}, 0.01);
  EXPECT_NEAR(upside_down.gravity_mps2()[2], -standard_gravity_mps2, 1e-9);
}

TEST(Orientation, gravity_is_what_an_accelerometer_at_rest_shows) {
  Orientation orientation;
  orientation.update({}, {0.0, standard_gravity_mps2, 0.0}, 0.01);
  EXPECT_NEAR(orientation.gravity_mps2()[1], standard_gravity_mps2, 1e-9);
}

TEST(Orientation, follows_the_gyroscope_about_the_vertical) {
  Orientation orientation;
  for (int i = 0; i <= 100; ++i)
    orientation.update({0.0, 0.0, 1.0}, {0.0, 0.0, standard_gravity_mps2}, 0.01);
  const Quaternion q = orientation.quaternion();
  EXPECT_NEAR(2 * std::atan2(q.z, q.w), 1.0, 2e-3);
}

TEST(Orientation, learns_the_bias_at_rest) {
  Orientation orientation;
  const Vector3 bias{0.8 * degree, -0.5 * degree, 0.3 * degree};
  for (int i = 0; i < 100 * 20; ++i)
    orientation.update(bias, {0.0, 0.0, standard_gravity_mps2}, 0.01);
  EXPECT_TRUE(orientation.at_rest());
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_NEAR(orientation.gyro_bias_radps()[i], bias[i], 0.02 * degree);
}

TEST(Orientation, learns_the_bias_in_motion) {
  Orientation orientation;
  const Vector3 bias{0.6 * degree, -0.4 * degree, 0.0};
  Quaternion truth;
  for (int i = 0; i < 100 * 300; ++i) {
    const double t = 0.01 * i;
    const Vector3 rate{1.5 * std::sin(1.1 * t), 1.2 * std::cos(0.7 * t), 0.9 * std::sin(0.4 * t)};
    truth = normalized(truth * from_turn({0.01 * rate[0], 0.01 * rate[1], 0.01 * rate[2]}));
    orientation.update({rate[0] + bias[0], rate[1] + bias[1], rate[2]}, up_in_sensor(truth), 0.01);
  }
  EXPECT_FALSE(orientation.at_rest());
  EXPECT_NEAR(orientation.gyro_bias_radps()[0], bias[0], 0.1 * degree);
  EXPECT_NEAR(orientation.gyro_bias_radps()[1], bias[1], 0.1 * degree);
  EXPECT_LT(angle_between(orientation.gravity_mps2(), up_in_sensor(truth)), 0.5 * degree);
}

TEST(Orientation, the_interval_hardly_matters) {
  // The same motion, sampled evenly and at intervals that vary threefold.
  const auto run = [](bool even) {
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> interval(0.005, 0.015);
    Orientation orientation;
    Quaternion truth;
    for (double t = 0.0; t < 60.0;) {
      const double dt = even ? 0.01 : interval(random);
      const Vector3 rate{std::sin(t + dt / 2), 0.5, std::cos(0.3 * (t + dt / 2))};
      truth = normalized(truth * from_turn({dt * rate[0], dt * rate[1], dt * rate[2]}));
      orientation.update(rate, up_in_sensor(truth), dt);
      t += dt;
    }
    return angle_between(orientation.gravity_mps2(), up_in_sensor(truth));
  };
  EXPECT_LT(run(true), 0.5 * degree);
  EXPECT_LT(run(false), 0.5 * degree);
}

TEST(Orientation, refuses_what_no_sensor_can_mean) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  Orientation orientation;
  orientation.update({0.1, 0.2, 0.3}, {1.0, 2.0, 9.0}, 0.01);
  const OrientationState before = orientation.state();
  for (const double bad : {nan, inf, -inf, 1e30}) {
    EXPECT_FALSE(orientation.update({bad, 0, 0}, {0, 0, 9.8}, 0.01));
    EXPECT_FALSE(orientation.update({0, 0, 0}, {0, bad, 9.8}, 0.01));
    EXPECT_FALSE(orientation.update({0, 0, 0}, {0, 0, 9.8}, bad));
  }
  for (const double dt : {0.0, -0.01, 1.1})
    EXPECT_FALSE(orientation.update({0, 0, 0}, {0, 0, 9.8}, dt));
  EXPECT_TRUE(same_bits(orientation.state(), before));
}

TEST(Orientation, survives_free_fall) {
  Orientation orientation;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(orientation.update({1, 2, 3}, {0, 0, 0}, 0.01));
  EXPECT_NEAR(length(orientation.gravity_mps2()), standard_gravity_mps2, 1e-9);
}

// Values a broken or hostile source might send, in any order.
double adversarial(std::mt19937_64& random) {
  constexpr std::array special{0.0,  -0.0,  1e-320, -1e-200, 9.8,     -9.8,
                               35.0, 200.0, -200.0, 4000.0,  -4000.0, 1e9};
  if (random() % 3 == 0) return special[random() % special.size()];
  if (random() % 50 == 0) return std::numeric_limits<double>::quiet_NaN();
  return std::normal_distribution<double>(
      0.0, std::pow(10.0, static_cast<double>(random() % 5) - 2))(random);
}

TEST(Orientation, stays_a_unit_quaternion_whatever_comes) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    Orientation orientation;
    for (int i = 0; i < 2000; ++i) {
      const Vector3 rate{adversarial(random), adversarial(random), adversarial(random)};
      const Vector3 acceleration{adversarial(random), adversarial(random), adversarial(random)};
      constexpr std::array intervals{1e-6, 1e-3, 0.01, 0.05, 1.0, 0.0, -1.0};
      orientation.update(rate, acceleration, intervals[random() % intervals.size()]);
      const Quaternion q = orientation.quaternion();
      ASSERT_NEAR(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z, 1.0, 1e-9)
          << "seed " << seed << " sample " << i;
      ASSERT_NEAR(length(orientation.gravity_mps2()), standard_gravity_mps2, 1e-6);
      for (const double bias : orientation.gyro_bias_radps())
        ASSERT_LE(std::abs(bias), 2.0 * degree);
    }
  }
}

TEST(Orientation, goes_on_from_a_saved_state_bit_for_bit) {
  std::mt19937_64 random(4);
  std::normal_distribution<double> normal;
  const auto sample = [&] { return Vector3{normal(random), normal(random), normal(random)}; };
  Orientation whole;
  for (int i = 0; i < 1500; ++i) whole.update(sample(), sample(), 0.008);
  Orientation resumed;
  resumed.restore(whole.state());
  for (int i = 0; i < 1500; ++i) {
    const Vector3 rate = sample();
    const Vector3 acceleration = sample();
    whole.update(rate, acceleration, 0.008);
    resumed.update(rate, acceleration, 0.008);
    ASSERT_TRUE(same_bits(whole.state(), resumed.state())) << "sample " << i;
  }
}

// ---- recordings with motion capture
// --------------------------------------------------------------
std::string data_folder() {
  const char* set = std::getenv("HALTERE_DATA");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return std::string(set != nullptr ? set : "../shared/data") + "/orientation/";
}

template <typename T>
std::vector<T> load(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  std::vector<T> values(static_cast<std::size_t>(file.tellg()) / sizeof(T));
  file.seekg(0);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): raw little-endian numbers
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(T)));
  return values;
}

Vector3 vector_at(const std::vector<float>& values, std::size_t i) {
  return {static_cast<double>(values[i]), static_cast<double>(values[i + 1]),
          static_cast<double>(values[i + 2])};
}

// Root mean square of the smallest remaining tilt while moving, in degrees.
double inclination_error(const std::string& trial) {
  const auto imu = load<float>(trial + ".imu.f32");
  const auto truth = load<float>(trial + ".quat.f32");
  const auto moving = load<std::uint8_t>(trial + ".move.u8");
  Orientation orientation;
  double squares = 0.0;
  double count = 0.0;
  for (std::size_t i = 0; i < moving.size(); ++i) {
    orientation.update(vector_at(imu, 9 * i), vector_at(imu, 9 * i + 3), 0.0035);
    const double w = static_cast<double>(truth[4 * i]);
    if (moving[i] == 0 || std::isnan(w)) continue;
    const Vector3 v = vector_at(truth, 4 * i + 1);
    const Quaternion error = orientation.quaternion() * normalized({w, -v[0], -v[1], -v[2]});
    const double angle =
        2 * std::acos(std::min(1.0, std::sqrt(error.w * error.w + error.z * error.z)));
    squares += angle * angle;
    count += 1.0;
  }
  return std::sqrt(squares / count) / degree;
}

TEST(Orientation, is_as_good_as_the_published_filter_on_recordings) {
  const std::string folder = data_folder();
  if (!std::ifstream(folder + "02.imu.f32"))
    GTEST_SKIP() << "no recordings in " << folder << "; set HALTERE_DATA";
  double sum = 0.0;
  const std::vector<std::string> trials{"02", "04", "06", "09", "12", "14", "15", "21",
                                        "24", "26", "29", "31", "32", "34", "35"};
  for (const std::string& trial : trials) sum += inclination_error(folder + trial);
  const double mean = sum / static_cast<double>(trials.size());
  std::cout << "mean inclination RMSE " << mean << " deg (VQF 2.1.1: 0.732)\n";
  EXPECT_LT(mean, 0.75);
}

}  // namespace
}  // namespace haltere::fusion
