#include "models/kernels/envelope_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/elementary_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

/// Second-order section, direct form II transposed.
struct Section {
  float b0;
  float b1;
  float b2;
  float a1;
  float a2;
  float first;
  float second;

  float pass(float x) {
    const float y = b0 * x + first;
    first = b1 * x - a1 * y + second;
    second = b2 * x - a2 * y;
    return y;
  }
};

float magnitude(float value) { return float_of(bits_of(value) & 0x7fffffffU); }

}  // namespace

void envelope_f32(const float* x, size_t n, float mean, float corner, float* out) {
  // Bilinear transform of 1 / (s^2 + sqrt 2 s + 1), the corner kept in place.
  const float k = sine_of_turns_f32(0.5f * corner) / sine_of_turns_f32(0.25f - 0.5f * corner);
  const float norm = 1.0f / (1.0f + 1.41421356f * k + k * k);
  const float a1 = 2.0f * (k * k - 1.0f) * norm;
  const float a2 = (1.0f - 1.41421356f * k + k * k) * norm;
  const float low = k * k * norm;
  Section high_pass = {norm, -2.0f * norm, norm, a1, a2, 0.0f, 0.0f};
  Section low_pass = {low, 2.0f * low, low, a1, a2, 0.0f, 0.0f};
  for (size_t i = 0; i < n; ++i) out[i] = low_pass.pass(magnitude(high_pass.pass(x[i] - mean)));
}

}  // namespace kernels
}  // namespace haltere
