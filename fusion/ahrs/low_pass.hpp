#pragma once

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// Second-order Butterworth low-pass filter for irregular intervals (eq. 7-8): y'' + sqrt(2) w y' +
/// w^2 y = w^2 u with w = sqrt(2) / time constant, by the trapezoidal rule, its two integrators
/// kept half a step ahead, so that no input need be remembered. During the first time constant the
/// output is the mean so far. Plain state; its age is its owner's, who may have several.
struct LowPass {
  Vec3 output;  ///< half a step ahead of what `update` returned
  Vec3 slope;   ///< y' / w, likewise

  void clear() { output = slope = {0, 0, 0}; }

  /// Takes the next sample, `dt_s` > 0 after the one before, `age_s` since the start, this interval
  /// included; returns what passes.
  Vec3 update(const Vec3& next, float dt_s, float age_s, float time_constant_s) {
    if (age_s < time_constant_s) {
      output = output + (dt_s / age_s) * (next - output);
      return output;
    }
    constexpr float sqrt_half = 0.70710678F;
    const float h = sqrt_half * dt_s / time_constant_s;
    const float scale = 1 / (1 + 2 * sqrt_half * h + h * h);
    const Vec3 slope_now = scale * (slope + h * (next - output));
    const Vec3 passed = output + h * slope_now;
    slope = 2 * slope_now - slope;
    output = passed + h * slope_now;
    return passed;
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
