#pragma once

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace derived {

/// Second-order filter as two integrators, which stays exact in float however low its corner is
/// (A. Simper, "Linear trapezoidal integrated state variable filter", Cytomic, 2013): of x it
/// yields at once the low-pass, the high-pass, and the band-pass w s / (s^2 + w s / Q + w^2).
class StateVariable {
 public:
  struct Output {
    float low, band, high;
  };

  /// `corner_hz` < rate_hz / 2. Q = 0.707: Butterworth.
  StateVariable(float corner_hz, float rate_hz, float q) : k_(1.0F / q) {
    const ahrs::Quat half = ahrs::from_turn_about_z(2.0F * ahrs::pi * corner_hz / rate_hz);
    g_ = half.z / half.w;
    scale_ = 1.0F / (1.0F + g_ * (g_ + k_));
  }

  Output next(float x) {
    const float v3 = x - low_state_;
    const float band = scale_ * (band_state_ + g_ * v3);
    const float low = low_state_ + g_ * band;
    band_state_ = 2.0F * band - band_state_;
    low_state_ = 2.0F * low - low_state_;
    return {low, band, x - k_ * band - low};
  }

  /// As if `x` had been there for ever.
  void rest_at(float x) {
    low_state_ = x;
    band_state_ = 0.0F;
  }

 private:
  float k_;
  float g_;
  float scale_;
  float band_state_ = 0.0F;
  float low_state_ = 0.0F;
};

/// Q of the two halves of a fourth-order Butterworth filter.
constexpr float butterworth4_q1 = 0.5411961F;
constexpr float butterworth4_q2 = 1.3065630F;

}  // namespace derived
}  // namespace fusion
}  // namespace haltere
