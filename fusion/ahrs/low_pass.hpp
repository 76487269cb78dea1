#pragma once

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// Second-order Butterworth low-pass filter for irregular intervals (eq. 7-8): y'' + sqrt(2) w y' +
/// w^2 y = w^2 u with w = sqrt(2) / time constant, by the trapezoidal rule. During the first time
/// constant the output is the mean so far. Plain state.
struct LowPass {
  Vec3 input;   ///< latest
  Vec3 output;  ///< latest
  Vec3 slope;   ///< y' / w
  float age_s;  ///< of the mean; at least the time constant = filtering
  float count;  ///< samples in the mean

  void clear() {
    input = output = slope = {0, 0, 0};
    age_s = 0;
    count = 0;
  }

  /// Takes the next sample, `dt_s` > 0 after the one before.
  void update(const Vec3& next, float dt_s, float time_constant_s) {
    if (age_s < time_constant_s) return average(next, dt_s);
    constexpr float sqrt_half = 0.70710678F;
    const float h = sqrt_half * dt_s / time_constant_s;
    const float scale = 1 / (1 + 2 * sqrt_half * h + h * h);
    const Vec3 slopes = scale * (2.0F * slope + h * (input + next - 2.0F * output));
    output = output + h * slopes;
    slope = slopes - slope;
    input = next;
  }

 private:
  void average(const Vec3& next, float dt_s) {
    age_s += dt_s;
    count += 1;
    output = output + (1 / count) * (next - output);
    input = output;
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
