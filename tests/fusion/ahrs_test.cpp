#include "fusion/ahrs/ahrs.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "fusion/known/complementary.hpp"
#include "fusion/known/madgwick.hpp"
#include "fusion/known/mahony.hpp"
#include "tests/fusion/made_up_board.hpp"

namespace haltere::fusion {
namespace {

using ahrs::Ahrs;
using ahrs::Quat;
using ahrs::Vec3;

float tilt_deg(const Quat& a, const Quat& b) {
  const Quat e = a * inverse(b);
  return 2 * std::atan2(std::hypot(e.x, e.y), std::hypot(e.w, e.z)) / degree;
}

TEST(Ahrs, finds_tilt_and_north_at_rest) {
  Ahrs filter(exact_latencies());
  Board board;
  run(filter, board, 2);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 0.05F);
  const ahrs::Output out = filter.output();
  EXPECT_TRUE(out.at_rest);
  EXPECT_TRUE(out.has_heading);
  EXPECT_NEAR(length(out.linear_acceleration_mps2), 0, 0.02);
}

TEST(Ahrs, follows_motion_with_a_bias) {
  Ahrs filter(exact_latencies());
  Board board;
  board.bias = {0.4F * degree, -0.3F * degree, 0.5F * degree};
  run(filter, board, 60);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 0.3F);
  const ahrs::Output out = filter.output();
  EXPECT_FALSE(out.at_rest);
  EXPECT_LT(length(out.gyro_bias_radps - board.bias), 0.03F * degree);
  EXPECT_LT(length(out.gyro_bias_sigma_radps), 0.2F * degree);
}

TEST(Ahrs, learns_the_gyroscopes_scale_in_motion) {
  Ahrs filter(exact_latencies());
  Board board;
  board.scale = 1.005F;
  run(filter, board, 120);
  const ahrs::Mat3& error = filter.state().gyro.scale_error;
  for (const int i : {0, 4, 8}) EXPECT_NEAR(error.m[i], 0.005F, 0.001F);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 0.3F);
}

TEST(Ahrs, finds_a_magnet_put_on_and_taken_off) {
  Ahrs filter(exact_latencies());
  Board board;
  run(filter, board, 20);
  board.hard_iron = {-6, 2, 50};
  run(filter, board, 30);
  EXPECT_LT(length(filter.output().hard_iron_ut - board.hard_iron), 1.0F);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 1.0F);
  board.hard_iron = {};
  run(filter, board, 30);
  EXPECT_LT(length(filter.output().hard_iron_ut), 1.0F);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 1.0F);
}

TEST(Ahrs, does_not_take_a_magnet_for_its_own_without_turning) {
  Ahrs filter(exact_latencies());
  Board board;
  run(filter, board, 20);
  board.still = true;
  run(filter, board, 5);
  board.hard_iron = {20, 0, 10};
  run(filter, board, 20);
  EXPECT_EQ(length(filter.output().hard_iron_ut), 0.0F);
  EXPECT_TRUE(filter.output().field_disturbed);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 0.5F);
}

TEST(Ahrs, does_not_take_noise_for_a_magnet_however_long_it_rests) {
  std::mt19937 random(3);
  std::normal_distribution<float> noise(0.0F, 0.3F);
  for (const Quat& attitude :
       {Quat{1, 0, 0, 0}, Quat{0, 1, 0, 0}, Quat{0.36F, -0.48F, 0.64F, 0.48F}}) {
    Ahrs filter(exact_latencies());
    Board board;
    board.truth = attitude;
    board.still = true;
    for (int i = 0; i < 60'000; ++i) {  // five minutes
      board.hard_iron = {noise(random), noise(random), noise(random)};
      board.bias = Vec3{0.4F * degree, -0.4F * degree, 0.1F * degree} +
                   0.5F * degree * Vec3{noise(random), noise(random), noise(random)};
      run(filter, board, 0.005F);
    }
    const ahrs::MagnetCalibration& magnet = filter.state().magnet;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_GT(magnet.covariance.sigma[ahrs::MagnetCalibration::hard_iron + axis], 15.0F);
      EXPECT_LT(std::abs(magnet.state[ahrs::MagnetCalibration::hard_iron + axis]), 3.0F);
    }
    EXPECT_LT(angle_deg(filter.orientation(), board.truth), 1.0F);
  }
}

TEST(Ahrs, remembers_a_magnet_through_a_long_rest) {
  Ahrs filter(exact_latencies());
  Board board;
  board.hard_iron = {3, -5, 8};
  run(filter, board, 60);
  board.still = true;
  run(filter, board, 900);
  EXPECT_LT(length(filter.output().hard_iron_ut - board.hard_iron), 0.5F);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 1.0F);
}

TEST(Ahrs, finds_what_matters_of_a_vehicles_magnets) {
  for (const Quat& mounting : {Quat{1, 0, 0, 0}, Quat{0.36F, -0.48F, 0.64F, 0.48F}}) {
    Ahrs filter(exact_latencies());
    Board board;
    board.truth = mounting;
    board.upright = true;
    board.hard_iron = {-30, 20, 40};  // twice the horizontal field
    run(filter, board, 120);
    EXPECT_LT(angle_deg(filter.orientation(), board.truth), 2.0F);
    const Vec3 left = rotate(board.truth, filter.output().hard_iron_ut - board.hard_iron);
    EXPECT_LT(std::hypot(left.x, left.y), 1.0F);  // of what is along up nothing can be known
  }
}

TEST(Ahrs, rejects_a_field_that_is_disturbed_for_a_while) {
  Ahrs filter(exact_latencies());
  Board board;
  run(filter, board, 30);
  for (int i = 0; i < 1000; ++i) {  // a magnet on the table: with the earth, growing as it nears
    board.move();
    filter.gyroscope(board.now, board.gyroscope());
    filter.accelerometer(board.now, board.accelerometer());
    const auto near = static_cast<float>(i % 200);
    filter.magnetometer(board.now, rotate(inverse(board.truth), north_ut + Vec3{near, 0, near}));
  }
  EXPECT_TRUE(filter.output().field_disturbed);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 1.5F);
}

TEST(Ahrs, finds_the_magnetometers_latency) {
  Ahrs filter(exact_latencies());
  Board board;
  std::vector<Vec3> late;
  while (board.now < 90'000 * ms) {
    board.move();
    late.push_back(board.magnetometer());
    filter.gyroscope(board.now, board.gyroscope());
    filter.accelerometer(board.now, board.accelerometer());
    if (late.size() > 2) filter.magnetometer(board.now, late[late.size() - 3]);
  }
  EXPECT_NEAR(filter.output().magnetometer_latency_s, 0.010F, 0.002F);
}

TEST(Ahrs, advances_its_output_by_the_gyroscopes_latency) {
  Board board;
  ahrs::Settings settings = exact_latencies();
  settings.sensor.gyroscope_latency_s = 0.005F;
  settings.sensor.accelerometer_latency_s = 0.005F;
  settings.sensor.magnetometer_latency_s = 0.005F;
  Ahrs filter(settings);
  run(filter, board, 20);
  const Quat now = board.truth;
  board.move();  // stamps are 5 ms late, so the truth at the stamp is one step on
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 0.3F * angle_deg(now, board.truth));
}

TEST(Ahrs, takes_each_sensor_at_its_own_rate) {
  Ahrs filter(exact_latencies());
  Board board;
  board.step = ms;
  for (int i = 0; board.now < 30'000 * ms; ++i) {
    board.move();
    filter.gyroscope(board.now, board.gyroscope());
    if (i % 7 == 0) filter.accelerometer(board.now, board.accelerometer());
    if (i % 50 == 0) filter.magnetometer(board.now, board.magnetometer());
  }
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 0.5F);
  EXPECT_EQ(filter.counts().late, 0U);
}

TEST(Ahrs, turns_late_samples_by_the_orientation_of_their_time) {
  Ahrs filter(exact_latencies());
  Board board;
  std::vector<Board> past;
  while (board.now < 40'000 * ms) {
    board.move();
    past.push_back(board);
    filter.gyroscope(board.now, board.gyroscope());
    if (past.size() < 8) continue;
    const Board& then = past[past.size() - 8];  // 35 ms ago, delivered now
    filter.accelerometer(then.now, then.accelerometer());
    filter.magnetometer(then.now, then.magnetometer());
  }
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 0.5F);
  EXPECT_EQ(filter.counts().late, 0U);
}

TEST(Ahrs, counts_what_it_cannot_use) {
  Ahrs filter(exact_latencies());
  Board board;
  run(filter, board, 2);
  const ahrs::Counts before = filter.counts();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(filter.gyroscope(board.now + ms, {nan, 0, 0}));
  EXPECT_FALSE(filter.gyroscope(board.now + ms, {0, 1e9F, 0}));
  EXPECT_FALSE(filter.magnetometer(board.now + ms, {0, 0, 0}));
  EXPECT_EQ(filter.counts().refused, before.refused + 3);
  EXPECT_FALSE(filter.gyroscope(board.now, {}));
  EXPECT_FALSE(filter.gyroscope(board.now - ms, {}));
  EXPECT_FALSE(filter.accelerometer(board.now + 500 * ms, {0, 0, 9.8F}));
  EXPECT_EQ(filter.counts().late, before.late + 3);
  EXPECT_TRUE(filter.gyroscope(board.now + 400 * ms, {}));
  EXPECT_EQ(filter.counts().gaps, before.gaps + 1);
}

TEST(Ahrs, starts_anew_after_a_long_gap_but_keeps_its_calibration) {
  Ahrs filter(exact_latencies());
  Board board;
  board.bias = {0.4F * degree, -0.3F * degree, 0.5F * degree};
  run(filter, board, 30);
  const Vec3 bias = filter.output().gyro_bias_radps;
  board.now += 5'000 * ms;
  board.truth = ahrs::normalized({0.1F, 0.9F, 0.3F, 0.1F});
  filter.gyroscope(board.now, board.gyroscope());
  EXPECT_EQ(length(filter.output().gyro_bias_radps - bias), 0.0F);
  run(filter, board, 20);
  EXPECT_LT(angle_deg(filter.orientation(), board.truth), 1.0F);
}

TEST(Ahrs, keeps_level_without_a_magnetometer) {
  Ahrs filter(exact_latencies());
  Board board;
  run(filter, board, 40, false);
  EXPECT_LT(tilt_deg(filter.orientation(), board.truth), 0.2F);
  EXPECT_FALSE(filter.output().has_heading);
}

TEST(Ahrs, goes_on_bit_for_bit_where_its_state_was_taken) {
  Board board;
  Ahrs filter;
  run(filter, board, 17.3F);
  Ahrs other;
  other.restore(filter.state());
  Board same = board;
  for (int i = 0; i < 20; ++i) {
    run(filter, board, 0.5F);
    run(other, same, 0.5F);
    using QuatBits = std::array<std::uint32_t, 4>;
    using VectorBits = std::array<std::uint32_t, 3>;
    ASSERT_EQ(std::bit_cast<QuatBits>(filter.orientation()),
              std::bit_cast<QuatBits>(other.orientation()));
    ASSERT_EQ(std::bit_cast<VectorBits>(filter.output().gyro_bias_radps),
              std::bit_cast<VectorBits>(other.output().gyro_bias_radps));
  }
}

template <typename Filter>
float error_after_motion() {
  Board board;
  Filter filter;
  while (board.now < 30'000 * ms) {
    board.move();
    filter.update(board.gyroscope(), board.accelerometer(), board.magnetometer(),
                  1e-9F * static_cast<float>(board.step));
  }
  return angle_deg(filter.q, board.truth);
}

TEST(KnownFilters, follow_motion_of_perfect_sensors) {
  EXPECT_LT(error_after_motion<known::Madgwick>(), 1.0F);
  EXPECT_LT(error_after_motion<known::Mahony>(), 0.5F);
  EXPECT_LT(error_after_motion<known::Complementary>(), 0.5F);
}

}  // namespace
}  // namespace haltere::fusion
