#include "models/kernels/square_root_f32.hpp"

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {

float square_root_f32_portable(float x) {
  uint32_t bits = bits_of(x);
  if ((bits << 1) == 0) return x;                        // +0 and -0
  if (bits == 0x7f800000U) return x;                     // infinity
  if (bits > 0x7f800000U) return float_of(0x7fc00000U);  // negative or NaN
  auto exponent = static_cast<int>(bits >> 23) - 127;
  uint32_t mantissa = bits & 0x7fffffU;
  if (exponent == -127) {  // subnormal: normalise
    for (exponent = -126; (mantissa & 0x800000U) == 0; --exponent) mantissa <<= 1;
  }
  mantissa |= 0x800000U;
  if ((exponent & 1) != 0) mantissa <<= 1;
  exponent >>= 1;  // of the root; rounds down for odd exponents, whose 2 went into the mantissa

  // Digit by digit: root of mantissa * 2^25, that is 24 bits of result and one for rounding.
  uint32_t root = 0;
  uint32_t doubled_root = 0;
  uint32_t rest = mantissa << 1;
  for (uint32_t digit = 0x1000000U; digit != 0; digit >>= 1) {
    const uint32_t trial = doubled_root + digit;
    if (trial <= rest) {
      doubled_root = trial + digit;
      rest -= trial;
      root += digit;
    }
    rest <<= 1;
  }
  // A root is never halfway between two floats, so the last bit alone decides.
  root = (root + 1U) >> 1;
  return float_of(root + (static_cast<uint32_t>(exponent + 126) << 23));
}

}  // namespace kernels
}  // namespace haltere
