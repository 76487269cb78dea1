#include "models/kernels/quantize_f32_s8.hpp"

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {
namespace {

constexpr uint32_t sign_bit = 0x80000000U;
constexpr uint32_t infinity_bits = 0x7f800000U;
constexpr int32_t saturated = 256;  // more than any zero point makes up for

int8_t add_and_clamp(int8_t zero_point, uint32_t sign, int32_t magnitude) {
  const int32_t q = zero_point + (sign != 0 ? -magnitude : magnitude);
  if (q < -128) return -128;
  if (q > 127) return 127;
  return static_cast<int8_t>(q);
}

/// mantissa * 2^exponent, of a float or on the way to one.
struct Magnitude {
  uint32_t mantissa;
  int32_t exponent;
};

Magnitude magnitude_of(uint32_t bits) {
  const auto exponent = static_cast<int32_t>((bits >> 23) & 0xffU);
  if (exponent == 0) return {bits & 0x7fffffU, -149};
  return {(bits & 0x7fffffU) | 0x800000U, exponent - 150};
}

/// `value` with a mantissa of 2^23..2^24, rounded to nearest, halves to even. The mantissa's lowest
/// bit also stands for all that was below it, and value is not 0.
Magnitude round_to_24_bits(Magnitude value) {
  while (value.mantissa < 0x800000U) {
    value.mantissa <<= 1;
    --value.exponent;
  }
  uint32_t drop = 0;
  while ((value.mantissa >> drop) >= 0x1000000U) ++drop;
  if (drop == 0) return value;
  const uint32_t odd = (value.mantissa >> drop) & 1U;
  value.mantissa = (value.mantissa + (uint32_t{1} << (drop - 1)) - 1U + odd) >> drop;
  value.exponent += static_cast<int32_t>(drop);
  return value;
}

/// larger + smaller or larger - smaller, rounded; `smaller` is not larger.
Magnitude sum_of(uint32_t larger_bits, uint32_t smaller_bits, bool subtract) {
  Magnitude larger = magnitude_of(larger_bits);
  const Magnitude smaller = magnitude_of(smaller_bits);
  // Three more bits keep what rounding has to know; the last one stands for all below it.
  int32_t distance = larger.exponent - smaller.exponent;
  if (distance > 27) distance = 27;  // nothing but the last bit is left
  const uint32_t extended = smaller.mantissa << 3;
  uint32_t shifted = extended >> distance;
  if (shifted << distance != extended) shifted |= 1U;
  larger.mantissa = (larger.mantissa << 3) + (subtract ? 0U - shifted : shifted);
  larger.exponent -= 3;
  return larger.mantissa == 0 ? larger : round_to_24_bits(larger);
}

/// a * b as a float would be, then rounded to an integer, halves away from zero; at most
/// `saturated`.
int32_t rounded_product(Magnitude a, uint32_t gain_bits) {
  if (a.mantissa == 0) return 0;
  const Magnitude b = round_to_24_bits(magnitude_of(gain_bits));
  const uint64_t exact = static_cast<uint64_t>(a.mantissa) * b.mantissa;
  const uint32_t rest = (static_cast<uint32_t>(exact) & 0xfffffU) != 0 ? 1U : 0U;
  const Magnitude product =
      round_to_24_bits({static_cast<uint32_t>(exact >> 20) | rest, a.exponent + b.exponent + 20});
  if (product.exponent > -15) return saturated;  // 2^23 * 2^-15 is 256
  if (product.exponent < -25) return 0;
  const auto shift = static_cast<uint32_t>(-product.exponent);
  const uint32_t rounded = (product.mantissa + (uint32_t{1} << (shift - 1))) >> shift;
  return rounded > saturated ? saturated : static_cast<int32_t>(rounded);
}

}  // namespace

int8_t quantize_f32_s8_portable(uint32_t x_bits, uint32_t mean_bits, uint32_t gain_bits,
                                int8_t zero_point) {
  const uint32_t x = x_bits & ~sign_bit;
  const uint32_t mean = mean_bits & ~sign_bit;
  if (x > infinity_bits) return zero_point;  // NaN
  const bool x_is_larger = x >= mean;
  const bool subtract = ((x_bits ^ mean_bits) & sign_bit) == 0;
  const Magnitude difference = sum_of(x_is_larger ? x : mean, x_is_larger ? mean : x, subtract);
  // An infinite difference times 0 is no number.
  const bool infinite = x == infinity_bits || difference.exponent > 104 ||
                        (difference.exponent == 104 && difference.mantissa == 0x1000000U);
  int32_t magnitude = 0;
  if (gain_bits << 1 != 0)
    magnitude = infinite ? saturated : rounded_product(difference, gain_bits);
  const uint32_t sign = (x_is_larger ? x_bits : ~mean_bits) ^ gain_bits;
  return add_and_clamp(zero_point, sign & sign_bit, magnitude);
}

int8_t quantize_f32_s8(float x, float mean, float gain, int8_t zero_point) {
  const uint32_t bits = bits_of((x - mean) * gain);
  if ((bits & ~sign_bit) > infinity_bits) return zero_point;  // NaN
  const Magnitude magnitude = magnitude_of(bits);
  if (magnitude.exponent > -15) return add_and_clamp(zero_point, bits & sign_bit, saturated);
  if (magnitude.exponent < -25) return zero_point;
  const auto shift = static_cast<uint32_t>(-magnitude.exponent);
  const uint32_t rounded = (magnitude.mantissa + (uint32_t{1} << (shift - 1))) >> shift;
  return add_and_clamp(zero_point, bits & sign_bit, static_cast<int32_t>(rounded));
}

void quantize_row_f32_s8(const InputQuantization& input, const uint8_t* x, int8_t* q) {
  const uint8_t* gain = input.mean + size_t{input.count} * 4;
  for (uint16_t i = 0; i < input.count; ++i) {
    const size_t at = size_t{i} * 4;
#if (defined(__arm__) && !defined(__ARM_FP)) || (defined(__riscv) && !defined(__riscv_flen)) || \
    defined(__AVR__)
    q[i] = quantize_f32_s8_portable(load_u32(x + at), load_u32(input.mean + at),
                                    load_u32(gain + at), input.zero_point);
#else
    q[i] = quantize_f32_s8(load_f32(x + at), load_f32(input.mean + at), load_f32(gain + at),
                           input.zero_point);
#endif
  }
}

}  // namespace kernels
}  // namespace haltere
