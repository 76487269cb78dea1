#pragma once

#include <cmath>

#include "fusion/navigation/delay_line.hpp"
#include "fusion/navigation/vector.hpp"

namespace haltere::fusion::navigation {

/// Finds where north is without a compass: the accelerations of a frame that is level, but points
/// anywhere, add up to changes of velocity that the receiver sees turned by the frame's heading. Of
/// all pairs of changes, turned onto each other by least squares. Plain: copied bit for bit.
class HeadingSearch {
 public:
  /// Takes an acceleration without gravity in the level frame, `dt_s` after the one before.
  void acceleration(sensors::TimeNs time_ns, const Vec3& level_mps2, double dt_s) {
    past_.add(sum_);
    sum_.time_ns = time_ns;
    sum_.velocity_mps = sum_.velocity_mps + dt_s * level_mps2;
  }

  /// Takes the receiver's velocity of an earlier time.
  void velocity(sensors::TimeNs true_ns, const Vec3& velocity_mps) {
    Moment then;
    if (!past_.find(true_ns, sum_, then)) return;
    then.position_m = velocity_mps;  // beside what the level frame added up to
    const sensors::TimeNs apart_ns = then.time_ns - before_.time_ns;
    const bool near = has_before_ && apart_ns > 0 && apart_ns < longest_ns;
    if (near) {
      const Vec3 seen = then.position_m - before_.position_m;
      const Vec3 felt = then.velocity_mps - before_.velocity_mps;
      cosine_ += felt[0] * seen[0] + felt[1] * seen[1];
      sine_ += felt[0] * seen[1] - felt[1] * seen[0];
      squares_ += felt[0] * felt[0] + felt[1] * felt[1];
    }
    before_ = then;
    has_before_ = true;
  }

  /// By how much the level frame must turn to the left to point north; 0 before there is any.
  [[nodiscard]] Quat turn() const {
    const double size = std::sqrt(cosine_ * cosine_ + sine_ * sine_);
    if (!(size > 1e-9)) return {};
    // Half angles of the sum's direction: (1 + c, s) points halfway.
    const double w = std::sqrt(0.5 * (1.0 + cosine_ / size));
    if (w < 1e-3) return {0.0, 0.0, 0.0, 1.0};
    return {w, 0.0, 0.0, 0.5 * sine_ / size / w};
  }

  /// Standard deviation of that, when each velocity has one of `sigma_mps`; large before there is
  /// any.
  [[nodiscard]] double sigma_rad(double sigma_mps) const {
    return squares_ > 1e-6 ? std::sqrt(2.0 / squares_) * sigma_mps : 10.0;
  }

 private:
  static constexpr sensors::TimeNs longest_ns = 2'000'000'000;
  DelayLine past_;
  Moment sum_;
  Moment before_;
  double cosine_ = 0.0;
  double sine_ = 0.0;
  double squares_ = 0.0;
  bool has_before_ = false;
};

}  // namespace haltere::fusion::navigation
