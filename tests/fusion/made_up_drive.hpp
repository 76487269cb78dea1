#pragma once

#include <cmath>
#include <cstdint>
#include <random>

#include "fusion/navigation/position.hpp"

namespace haltere::fusion::navigation {

/// A drive in a circle with its nose ahead, or on a line where `turn_radps` is 0, and what sensors
/// would show of it: an inertial sensor at 100 Hz, a receiver's fixes and velocities at 5 Hz.
class MadeUpDrive {
 public:
  struct Errors {
    double acceleration_sigma_mps2 = 0.0;  ///< of the mean over a second
    double rate_sigma_radps = 0.0;         ///< likewise
    Vec3 fix_sigma_m;
    double velocity_sigma_mps = 0.0;
    Vec3 accelerometer_bias_mps2;
    Vec3 gyro_bias_radps;
  };

  MadeUpDrive(double speed_mps, double turn_radps, std::uint64_t seed)
      : speed_mps_(speed_mps), turn_radps_(turn_radps), random_(seed) {}

  Errors errors;
  double latency_s = 0.1;
  bool has_velocity = true;
  bool has_fix = true;
  double pulse_radps = 0.0;  ///< on a line: stops and goes this often, and starts at rest

  /// Ten milliseconds on, any filter that takes `inertial`, `velocity` and `fix`.
  template <typename Filter>
  void tick(Filter& filter) {
    constexpr double dt_s = 0.01;
    now_ns_ += 10'000'000;
    ++ticks_;
    const double centripetal = speed_mps_ * turn_radps_;
    const double a = errors.acceleration_sigma_mps2 / std::sqrt(dt_s);
    const double w = errors.rate_sigma_radps / std::sqrt(dt_s);
    filter.inertial(
        now_ns_, Vec3{thrust(), centripetal, 9.80665} + errors.accelerometer_bias_mps2 + noise(a),
        Vec3{0.0, 0.0, turn_radps_} + errors.gyro_bias_radps + noise(w));
    if (ticks_ % 20 != 0) return;
    if (has_velocity) {
      filter.velocity(now_ns_, velocity(latency_s) + noise(errors.velocity_sigma_mps));
    }
    if (has_fix) {
      const Vec3 n = noise(1.0);
      const Vec3& sigma = errors.fix_sigma_m;
      filter.fix(now_ns_,
                 position(latency_s) + Vec3{sigma[0] * n[0], sigma[1] * n[1], sigma[2] * n[2]});
    }
  }
  template <typename Filter>
  void run(Filter& filter, double seconds) {
    const int ticks = static_cast<int>(100.0 * seconds);
    for (int i = 0; i < ticks; ++i) tick(filter);
  }

  [[nodiscard]] Vec3 position(double ago_s = 0.0) const {
    const double t = time_s() - ago_s;
    if (pulse_radps > 0.0) {
      return {speed_mps_ * (t - std::sin(pulse_radps * t) / pulse_radps), 0.0, 0.0};
    }
    if (turn_radps_ == 0.0) return {speed_mps_ * t, 0.0, 0.0};
    const double radius = speed_mps_ / turn_radps_;
    return {radius * std::sin(turn_radps_ * t), radius * (1.0 - std::cos(turn_radps_ * t)), 0.0};
  }
  [[nodiscard]] Vec3 velocity(double ago_s = 0.0) const {
    const double t = time_s() - ago_s;
    if (pulse_radps > 0.0) return {speed_mps_ * (1.0 - std::cos(pulse_radps * t)), 0.0, 0.0};
    const double angle = turn_radps_ * t;
    return {speed_mps_ * std::cos(angle), speed_mps_ * std::sin(angle), 0.0};
  }
  [[nodiscard]] Quat orientation() const { return from_turn({0.0, 0.0, turn_radps_ * time_s()}); }
  [[nodiscard]] sensors::TimeNs now_ns() const { return now_ns_; }

  [[nodiscard]] Vec3 noise(double sigma) {
    return {sigma * normal_(random_), sigma * normal_(random_), sigma * normal_(random_)};
  }

 private:
  [[nodiscard]] double time_s() const { return 1e-9 * static_cast<double>(now_ns_); }

  [[nodiscard]] double thrust() const {
    return pulse_radps > 0.0 ? speed_mps_ * pulse_radps * std::sin(pulse_radps * time_s()) : 0.0;
  }

  double speed_mps_;
  double turn_radps_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  sensors::TimeNs now_ns_ = 0;
  int ticks_ = 0;
};

}  // namespace haltere::fusion::navigation
