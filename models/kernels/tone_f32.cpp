#include "models/kernels/tone_f32.hpp"

#include "models/kernels/elementary_f32.hpp"
#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

/// |sum(x[t] e^(-2 pi i cycles t))|^2 for cycles <= 1/4.
float slow_power(const float* x, size_t n, float cycles) {
  const float sine = sine_of_turns_f32(0.5f * cycles);
  const float kappa = 4.0f * sine * sine;
  float s = 0.0f;
  float difference = 0.0f;
  for (size_t i = 0; i < n; ++i) {
    difference = x[i] + (difference - kappa * s);
    s += difference;
  }
  // With the values before the last sample: s^2 + s'^2 - 2 cos s s' = (s - s')^2 + kappa s s'.
  return difference * difference + kappa * s * (s - difference);
}

/// Likewise for cycles >= 1/4: of every other sample's negative, half the rate away.
float fast_power(const float* x, size_t n, float cycles) {
  const float sine = sine_of_turns_f32(0.5f * (0.5f - cycles));
  const float kappa = 4.0f * sine * sine;
  float s = 0.0f;
  float sum = 0.0f;
  for (size_t i = 0; i < n; ++i) {
    sum = x[i] - (sum - kappa * s);
    s = sum - s;
  }
  return sum * sum - kappa * s * (sum - s);
}

}  // namespace

float tone_rms_f32(const Spectrum& spectrum, const float* tapered, float cycles) {
  const size_t n = spectrum.window_samples;
  const float power =
      cycles <= 0.25f ? slow_power(tapered, n, cycles) : fast_power(tapered, n, cycles);
  if (!(power > 0.0f)) return 0.0f;
  const float weights = static_cast<float>(n) * taper_weights(spectrum.taper).a0;
  return square_root_f32(2.0f * power) / weights;
}

}  // namespace kernels
}  // namespace haltere
