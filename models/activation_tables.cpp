#include "models/activation_tables.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/kernels/fixed_point.hpp"
#include "models/quantizer.hpp"

namespace haltere::models {
namespace {

using kernels::divide_by_power_of_two;
using kernels::multiply_q31;

constexpr std::int32_t one_q31 = std::numeric_limits<std::int32_t>::max();
constexpr int input_integer_bits = 4;  // tanh and logistic take Q4.27

std::int32_t shift_left_saturating(std::int32_t x, int exponent) {
  const std::int64_t wide = static_cast<std::int64_t>(x) * (std::int64_t{1} << exponent);
  return static_cast<std::int32_t>(
      std::clamp(wide, std::int64_t{std::numeric_limits<std::int32_t>::min()},
                 std::int64_t{std::numeric_limits<std::int32_t>::max()}));
}

/// exp(a) for a in [-1/4, 0), both Q0.31: Taylor series around -1/8.
std::int32_t exp_of_last_quarter(std::int32_t a) {
  constexpr std::int32_t exp_minus_eighth = 1895147668;
  constexpr std::int32_t third = 715827883;
  const std::int32_t x = a + (std::int32_t{1} << 28);
  const std::int32_t x2 = multiply_q31(x, x);
  const std::int32_t x3 = multiply_q31(x2, x);
  const std::int32_t x4_over_4 = divide_by_power_of_two(multiply_q31(x2, x2), 2);
  const std::int32_t tail = divide_by_power_of_two(multiply_q31(x4_over_4 + x3, third) + x2, 1);
  return exp_minus_eighth + multiply_q31(exp_minus_eighth, x + tail);
}

/// 2 / (1 + a) in Q2.29 for a in [0, 1], Q0.31: three Newton-Raphson steps.
std::int32_t two_over_one_plus(std::int32_t a) {
  constexpr std::int32_t q2_48_over_17 = 1515870810;
  constexpr std::int32_t q2_minus_32_over_17 = -1010580540;
  constexpr std::int32_t q2_one = std::int32_t{1} << 29;
  const auto half = static_cast<std::int32_t>((static_cast<std::int64_t>(a) + one_q31 + 1) / 2);
  std::int32_t x = q2_48_over_17 + multiply_q31(half, q2_minus_32_over_17);
  for (int step = 0; step < 3; ++step)
    x += shift_left_saturating(multiply_q31(x, q2_one - multiply_q31(half, x)), 2);
  return x;
}

/// tanh(x), Q4.27 in, Q0.31 out: (1 - e) / (1 + e) with e = exp(-2 |x|).
std::int32_t tanh_q31(std::int32_t x) {
  if (x == 0) return 0;
  // Doubled by reading the same bits as Q5.26.
  const std::int32_t e = exp_of_negative(x < 0 ? x : -x, input_integer_bits + 1);
  const std::int32_t magnitude =
      shift_left_saturating(two_over_one_plus(e) - (std::int32_t{1} << 29), 2);
  return x < 0 ? -magnitude : magnitude;
}

/// 1 / (1 + exp(-x)), Q4.27 in, Q0.31 out.
std::int32_t logistic_q31(std::int32_t x) {
  if (x == 0) return std::int32_t{1} << 30;
  const std::int32_t e = exp_of_negative(x < 0 ? x : -x, input_integer_bits);
  const std::int32_t of_magnitude = shift_left_saturating(two_over_one_plus(e), 1);
  return x < 0 ? one_q31 - of_magnitude : of_magnitude;
}

/// Inputs of at least this many steps from the zero point saturate.
std::int64_t input_radius(int shift) {
  const double limit = 15.0 * static_cast<double>(std::int64_t{1} << 27);
  return static_cast<std::int64_t>(std::floor(std::ldexp(limit, -shift)));
}

struct Curve {
  std::int32_t (*function)(std::int32_t);
  int output_fraction_bits;
  std::int32_t output_zero_point;
};

ActivationTable table_of(const Curve& curve, float scale, std::int32_t zero_point) {
  const FixedMultiplier factor = fixed_multiplier(std::ldexp(static_cast<double>(scale), 27));
  const std::int64_t radius = input_radius(factor.shift);
  ActivationTable table{};
  std::int32_t q = -128;
  for (std::int8_t& result : table) {
    const std::int32_t x = q++ - zero_point;
    std::int32_t y = x < 0 ? -128 : 127;
    if (x > -radius && x < radius)
      y = std::clamp(divide_by_power_of_two(
                         curve.function(kernels::requantize(x, factor.multiplier, factor.shift)),
                         31 - curve.output_fraction_bits) +
                         curve.output_zero_point,
                     -128, 127);
    result = static_cast<std::int8_t>(y);
  }
  return table;
}

}  // namespace

std::int32_t exp_of_negative(std::int32_t x, int integer_bits) {
  // exp(-2^k), Q0.31, for k = -2..4: one factor for each bit of the whole quarters.
  constexpr std::array<std::int32_t, 7> factors{1672461947, 1302514674, 790015084, 290630308,
                                                39332535,   720401,     242};
  if (x == 0) return one_q31;
  const std::int32_t quarter = std::int32_t{1} << (31 - integer_bits - 2);
  const std::int32_t last = (x & (quarter - 1)) - quarter;
  const std::int32_t quarters = last - x;
  std::int32_t result = exp_of_last_quarter(last * (std::int32_t{1} << integer_bits));
  for (int k = 0; k < integer_bits + 2; ++k) {
    if ((quarters & (quarter << k)) != 0)
      result = multiply_q31(result, factors[static_cast<std::size_t>(k)]);
  }
  return result;
}

ActivationTable tanh_table(float scale, std::int32_t zero_point) {
  return table_of({tanh_q31, 7, 0}, scale, zero_point);
}

ActivationTable logistic_table(float scale, std::int32_t zero_point) {
  return table_of({logistic_q31, 8, -128}, scale, zero_point);
}

ActivationTable leaky_relu_table(float scale, std::int32_t zero_point, float alpha) {
  const FixedMultiplier factor = fixed_multiplier(static_cast<double>(scale * alpha / scale));
  ActivationTable table{};
  std::int32_t q = -128;
  for (std::int8_t& result : table) {
    const std::int32_t x = q++ - zero_point;
    const std::int32_t y =
        zero_point + (x >= 0 ? x : kernels::requantize(x, factor.multiplier, factor.shift));
    result = static_cast<std::int8_t>(std::clamp(y, -128, 127));
  }
  return table;
}

}  // namespace haltere::models
