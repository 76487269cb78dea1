#pragma once

#include <cmath>
#include <cstdint>

#include "fusion/ahrs/ahrs.hpp"

namespace haltere::fusion {

inline constexpr std::int64_t ms = 1'000'000;
inline constexpr float degree = ahrs::radian_per_degree;
inline constexpr ahrs::Vec3 north_ut{0, 18, -45};

inline ahrs::Quat inverse(const ahrs::Quat& q) { return {q.w, -q.x, -q.y, -q.z}; }

inline float angle_deg(const ahrs::Quat& a, const ahrs::Quat& b) {
  const ahrs::Quat e = a * inverse(b);
  return 2 * std::atan2(std::sqrt(e.x * e.x + e.y * e.y + e.z * e.z), std::abs(e.w)) / degree;
}

/// A sensor that turns about changing axes after a rest; what it does to the samples can be set.
struct Board {
  ahrs::Quat truth = ahrs::normalized({0.8F, 0.3F, -0.2F, 0.4F});
  ahrs::Vec3 bias{};
  ahrs::Vec3 hard_iron{};
  float scale = 1;  ///< of what the gyroscope shows
  float rest_s = 3;
  bool still = false;
  bool upright = false;  ///< it only turns about up, as a vehicle
  std::int64_t now = 0;
  std::int64_t step = 5 * ms;

  ahrs::Vec3 rate() const {
    const float t = 1e-9F * static_cast<float>(now);
    if (still || t < rest_s) return {};
    if (upright) return rotate(inverse(truth), {0, 0, 0.5F});
    return {1.5F * std::sin(0.9F * t), 1.2F * std::cos(1.3F * t), 1.0F + std::sin(0.5F * t)};
  }
  void move() {
    now += step;
    truth = ahrs::normalized(truth * ahrs::from_turn(1e-9F * static_cast<float>(step) * rate()));
  }
  ahrs::Vec3 gyroscope() const { return scale * rate() + bias; }
  ahrs::Vec3 accelerometer() const { return rotate(inverse(truth), {0, 0, ahrs::gravity_mps2}); }
  ahrs::Vec3 magnetometer() const { return rotate(inverse(truth), north_ut) + hard_iron; }
};

inline ahrs::Settings exact_latencies() {
  ahrs::Settings settings;
  settings.sensor.gyroscope_latency_s = 0;
  settings.sensor.accelerometer_latency_s = 0;
  settings.sensor.magnetometer_latency_s = 0;
  return settings;
}

inline void run(ahrs::Ahrs& filter, Board& board, float seconds, bool with_magnetometer = true) {
  for (std::int64_t end = board.now + static_cast<std::int64_t>(1e9F * seconds); board.now < end;) {
    board.move();
    filter.gyroscope(board.now, board.gyroscope());
    filter.accelerometer(board.now, board.accelerometer());
    if (with_magnetometer) filter.magnetometer(board.now, board.magnetometer());
  }
}

}  // namespace haltere::fusion
