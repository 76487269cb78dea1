#include "models/kernels/elementary_f32.hpp"

namespace haltere {
namespace kernels {

Lanes logarithm_lanes(Lanes x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh((m - 1) / (m + 1)) by its series.
  constexpr uint32_t half_root_bits = 0x3f3504f3U;
  const LaneBits bits = bits_of(x) - half_root_bits;
  const Lanes exponent = shifted_number(bits, 23);
  const Lanes m = lanes_of((bits & 0x007fffffU) + half_root_bits);
  const Lanes t = (m - 1.0f) / (m + 1.0f);
  const Lanes square = t * t;
  const Lanes series =
      1.0f + square * (1.0f / 3.0f +
                       square * (1.0f / 5.0f + square * (1.0f / 7.0f + square * (1.0f / 9.0f))));
  return exponent * 0.693147181f + 2.0f * t * series;
}

float logarithm_f32(float x) {
  float result[lanes];
  store_lanes(result, logarithm_lanes(all_lanes(x)));
  return result[0];
}

float exponential_f32(float x) {
  // e^x = 2^k e^r with |r| <= ln(2) / 2; ln 2 in two parts, so that r is exact.
  const float turns = x * 1.44269504f;
  const auto k = static_cast<int32_t>(turns < 0.0f ? turns - 0.5f : turns + 0.5f);
  const auto whole = static_cast<float>(k);
  const float r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  const float series =
      1.0f +
      r * (1.0f + r * (0.5f + r * (1.0f / 6.0f +
                                   r * (1.0f / 24.0f +
                                        r * (1.0f / 120.0f + r * (1.0f / 720.0f + r / 5040.0f))))));
  return series * float_of(static_cast<uint32_t>(k + 127) << 23);
}

float sine_of_turns_f32(float turns) {
  const float x = 6.28318531f * turns;
  const float square = x * x;
  const float series =
      1.0f -
      square * (1.0f / 6.0f -
                square * (1.0f / 120.0f -
                          square * (1.0f / 5040.0f -
                                    square * (1.0f / 362880.0f - square * (1.0f / 39916800.0f)))));
  return x * series;
}

}  // namespace kernels
}  // namespace haltere
