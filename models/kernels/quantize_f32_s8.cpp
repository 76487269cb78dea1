#include "models/kernels/quantize_f32_s8.hpp"

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {
namespace {

/// |value| of finite or infinite `bits`, rounded half away from zero; 256 and more are 256.
int32_t rounded_magnitude(uint32_t bits) {
  const auto exponent = static_cast<int>((bits >> 23) & 0xffU) - 127;
  if (exponent < -1) return 0;
  if (exponent >= 8) return 256;
  const uint32_t mantissa = (bits & 0x7fffffU) | 0x800000U;
  return static_cast<int32_t>((mantissa + (uint32_t{1} << (22 - exponent))) >> (23 - exponent));
}

}  // namespace

int8_t quantize_f32_s8(float x, float mean, float gain, int8_t zero_point) {
  const uint32_t bits = bits_of((x - mean) * gain);
  const uint32_t magnitude_bits = bits & 0x7fffffffU;
  if (magnitude_bits > 0x7f800000U) return zero_point;  // NaN
  const int32_t magnitude = rounded_magnitude(magnitude_bits);
  const int32_t q = zero_point + ((bits & 0x80000000U) != 0 ? -magnitude : magnitude);
  if (q < -128) return -128;
  if (q > 127) return 127;
  return static_cast<int8_t>(q);
}

void quantize_row_f32_s8(const InputQuantization& input, const uint8_t* x, int8_t* q) {
  const uint8_t* gain = input.mean + size_t{input.count} * 4;
  for (uint16_t i = 0; i < input.count; ++i) {
    const size_t at = size_t{i} * 4;
    q[i] = quantize_f32_s8(load_f32(x + at), load_f32(input.mean + at), load_f32(gain + at),
                           input.zero_point);
  }
}

}  // namespace kernels
}  // namespace haltere
