#include "models/kernels/softmax_s8.hpp"

#include "models/kernels/fixed_point.hpp"

namespace haltere {
namespace kernels {
namespace {

// Fixed-point formats are written Qi.f: i integer and f fraction bits beside the sign, i + f = 31.
// The constants and the order of the roundings are those of the TFLite 8-bit specification.

constexpr int32_t one_q31 = INT32_MAX;
constexpr int diff_integer_bits = 5;  // differences to the largest input are Q5.26
constexpr int sum_integer_bits = 12;  // the sum of exponentials is Q12.19

/// x * 2^exponent, saturating. `exponent` 1..5.
int32_t shift_left_saturating(int32_t x, int exponent) {
  const int32_t limit = INT32_MAX >> exponent;
  if (x > limit) return INT32_MAX;
  if (x < -limit - 1) return INT32_MIN;
  return x * (int32_t{1} << exponent);
}

/// exp(a) for a in [-1/4, 0), both Q0.31: Taylor series around -1/8.
int32_t exp_last_quarter(int32_t a) {
  constexpr int32_t exp_minus_eighth = 1895147668;
  constexpr int32_t third = 715827883;
  const int32_t x = a + (int32_t{1} << 28);
  const int32_t x2 = multiply_q31(x, x);
  const int32_t x3 = multiply_q31(x2, x);
  const int32_t x4_over_4 = divide_by_power_of_two(multiply_q31(x2, x2), 2);
  const int32_t tail = divide_by_power_of_two(multiply_q31(x4_over_4 + x3, third) + x2, 1);
  return exp_minus_eighth + multiply_q31(exp_minus_eighth, x + tail);
}

/// 1 / (1 + a) for a in [0, 1), both Q0.31: three Newton-Raphson steps.
int32_t reciprocal_of_one_plus(int32_t a) {
  constexpr int32_t q2_48_over_17 = 1515870810;
  constexpr int32_t q2_minus_32_over_17 = -1010580540;
  constexpr int32_t q2_one = int32_t{1} << 29;
  const auto half_denominator = static_cast<int32_t>((static_cast<int64_t>(a) + one_q31 + 1) / 2);
  int32_t x = q2_48_over_17 + multiply_q31(half_denominator, q2_minus_32_over_17);
  for (int step = 0; step < 3; ++step) {
    const int32_t residue = q2_one - multiply_q31(half_denominator, x);
    x += shift_left_saturating(multiply_q31(x, residue), 2);
  }
  return shift_left_saturating(x, 1);
}

int leading_zeros(uint32_t x) {
  int count = 0;
  for (; (x & 0x80000000U) == 0; x <<= 1) ++count;
  return count;
}

int32_t exp_of_difference(const SoftmaxS8& scaling, int32_t difference) {
  return exp_negative_q26(
      multiply_q31(difference * (int32_t{1} << scaling.shift), scaling.multiplier));
}

}  // namespace

int32_t exp_negative_q26(int32_t x) {
  constexpr int fraction_bits = 31 - diff_integer_bits;
  constexpr int32_t quarter = int32_t{1} << (fraction_bits - 2);
  // exp(-2^k), Q0.31, for k = -2..4: one factor for each bit of the whole quarters.
  static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308,
                                    39332535,   720401,     242};
  if (x == 0) return one_q31;
  const int32_t last = (x & (quarter - 1)) - quarter;
  const int32_t quarters = last - x;
  int32_t result = exp_last_quarter(last * (int32_t{1} << diff_integer_bits));
  for (int k = 0; k < 7; ++k) {
    if ((quarters & (quarter << k)) != 0) result = multiply_q31(result, factors[k]);
  }
  return result;
}

void softmax_s8(const SoftmaxS8& scaling, int8_t* values, size_t count) {
  int8_t largest = values[0];
  for (size_t i = 1; i < count; ++i) {
    if (values[i] > largest) largest = values[i];
  }
  // Below this difference the Q5.26 number would overflow, and the exponential is 0 anyway.
  const int32_t smallest_difference =
      -((((int32_t{1} << diff_integer_bits) - 1) << (31 - diff_integer_bits)) >> scaling.shift);
  int32_t sum = 0;  // at most 256 * 2^19
  for (size_t i = 0; i < count; ++i) {
    const int32_t difference = values[i] - largest;
    if (difference < smallest_difference) continue;
    sum += divide_by_power_of_two(exp_of_difference(scaling, difference), sum_integer_bits);
  }
  const int headroom = leading_zeros(static_cast<uint32_t>(sum));
  const auto fraction =
      static_cast<int32_t>((static_cast<uint32_t>(sum) << headroom) & 0x7fffffffU);
  const int32_t reciprocal = reciprocal_of_one_plus(fraction);
  const int shift = sum_integer_bits - headroom + 31 - 8;
  for (size_t i = 0; i < count; ++i) {
    const int32_t difference = values[i] - largest;
    int32_t output = -128;
    if (difference >= smallest_difference) {
      const int32_t share = multiply_q31(reciprocal, exp_of_difference(scaling, difference));
      output += divide_by_power_of_two(share, shift);
    }
    values[i] = static_cast<int8_t>(output > 127 ? 127 : output);
  }
}

}  // namespace kernels
}  // namespace haltere
