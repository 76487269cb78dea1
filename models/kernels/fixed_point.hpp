#pragma once

#include <stdint.h>

namespace haltere {
namespace kernels {

// C++14 leaves the right shift of negative numbers to the compiler; every formula here needs the
// arithmetic one.
static_assert((-1 >> 1) == -1, "right shift of a negative number must keep its sign");

/// round(a * b / 2^31), halves up: the product of two Q0.31 numbers ("SRDHM" of gemmlowp).
/// Saturates in its only overflow, -1 * -1.
inline int32_t multiply_q31(int32_t a, int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  return static_cast<int32_t>((static_cast<int64_t>(a) * b + (int64_t{1} << 30)) >> 31);
}

/// x / 2^exponent, rounded to nearest, halves away from zero. `exponent` 0..31.
inline int32_t divide_by_power_of_two(int32_t x, int exponent) {
  const auto mask = static_cast<int32_t>((uint32_t{1} << exponent) - 1U);
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + ((x & mask) > threshold ? 1 : 0);
}

/// x * multiplier / 2^31 * 2^shift with two roundings, as TFLite Micro and CMSIS-NN do it. `shift`
/// -31..15; for positive shifts the caller guarantees that x * 2^shift fits.
inline int32_t requantize(int32_t x, int32_t multiplier, int shift) {
  if (shift > 0) return multiply_q31(x * (int32_t{1} << shift), multiplier);
  return divide_by_power_of_two(multiply_q31(x, multiplier), -shift);
}

}  // namespace kernels
}  // namespace haltere
