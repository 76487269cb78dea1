#include "models/kernels/dense_s8.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "models/random.hpp"

namespace haltere::kernels {
namespace {

using models::Random;

constexpr std::uint64_t seed = 36321606;

struct Case {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  int input_zero_point = 0;
  int output_zero_point = 0;
  int clamp_min = -128;
  int clamp_max = 127;
  std::vector<std::int8_t> weights{};
  std::vector<std::int32_t> layer_bias{};  ///< as in TFLite: the input zero point is not folded in
  std::vector<std::int32_t> multipliers{};
  std::vector<std::int8_t> shifts{};
};

Case random_case(Random& random, std::size_t inputs, std::size_t outputs) {
  Case out{.inputs = inputs, .outputs = outputs};
  out.input_zero_point = static_cast<std::int8_t>(random.next());
  out.output_zero_point = static_cast<std::int8_t>(random.next());
  const int a = static_cast<std::int8_t>(random.next());
  const int b = static_cast<std::int8_t>(random.next());
  if (random.below(2) == 0) {
    out.clamp_min = std::min(a, b);
    out.clamp_max = std::max(a, b);
  }
  for (std::size_t i = 0; i < inputs * outputs; ++i)
    out.weights.push_back(static_cast<std::int8_t>(static_cast<int>(random.below(255)) - 127));
  for (std::size_t o = 0; o < outputs; ++o) {
    out.layer_bias.push_back(static_cast<std::int32_t>(random.next()) >> 12U);
    out.multipliers.push_back(static_cast<std::int32_t>(random.next() >> 2U) | 0x40000000);
    out.shifts.push_back(static_cast<std::int8_t>(static_cast<int>(random.below(17)) - 14));
  }
  return out;
}

/// The specification, literally: offsets inside the sum, roundings in long double, no unrolling.
std::vector<int> expected_outputs(const Case& test, const std::vector<std::int8_t>& x) {
  std::vector<int> y;
  for (std::size_t o = 0; o < test.outputs; ++o) {
    std::int64_t sum = test.layer_bias[o];
    for (std::size_t i = 0; i < test.inputs; ++i)
      sum += std::int64_t{test.weights[o * test.inputs + i]} * (x[i] - test.input_zero_point);
    const int shift = test.shifts[o];
    // 64 bits of mantissa hold every product here exactly; halves up, then halves away from zero.
    const long double left = std::ldexp(static_cast<long double>(sum), std::max(shift, 0));
    const long double high = std::floor(left * test.multipliers[o] / 2147483648.0L + 0.5L);
    const long double scaled = std::round(std::ldexp(high, std::min(shift, 0)));
    y.push_back(std::clamp(static_cast<int>(scaled) + test.output_zero_point, test.clamp_min,
                           test.clamp_max));
  }
  return y;
}

std::vector<int> run(const Case& test, const std::vector<std::int8_t>& x) {
  std::vector<std::int32_t> folded = test.layer_bias;
  for (std::size_t o = 0; o < test.outputs; ++o)
    for (std::size_t i = 0; i < test.inputs; ++i)
      folded[o] -= test.input_zero_point * test.weights[o * test.inputs + i];
  const DenseS8 layer{.inputs = static_cast<std::uint16_t>(test.inputs),
                      .outputs = static_cast<std::uint16_t>(test.outputs),
                      .packing = WeightPacking::plain,
                      .clamp_min = static_cast<std::int8_t>(test.clamp_min),
                      .clamp_max = static_cast<std::int8_t>(test.clamp_max),
                      .output_zero_point = static_cast<std::int8_t>(test.output_zero_point),
                      .multipliers = reinterpret_cast<const std::uint8_t*>(test.multipliers.data()),
                      .layer_bias = reinterpret_cast<const std::uint8_t*>(folded.data()),
                      .shifts = test.shifts.data(),
                      .weights = test.weights.data()};
  std::vector<std::int8_t> y(test.outputs);
  dense_s8(layer, x.data(), y.data());
  return {y.begin(), y.end()};
}

TEST(DenseS8, AgreesWithTheSpecificationOnRandomLayersOfAnySize) {
  Random random(seed);
  for (const std::size_t inputs : {1U, 2U, 3U, 4U, 5U, 7U, 16U, 33U, 36U, 127U, 300U})
    for (const std::size_t outputs : {1U, 2U, 3U, 4U, 5U, 6U, 7U, 8U, 9U, 32U}) {
      const Case test = random_case(random, inputs, outputs);
      std::vector<std::int8_t> x(inputs);
      for (auto& value : x) value = static_cast<std::int8_t>(random.next());
      EXPECT_EQ(run(test, x), expected_outputs(test, x))
          << inputs << " inputs, " << outputs << " outputs, seed " << seed;
    }
}

TEST(DenseS8, SaturatesWithoutWrappingAtTheExtremes) {
  for (const int weight : {-127, 127})
    for (const int input : {-128, 127})
      for (const int shift : {-31, 0, 4}) {
        Case test{.inputs = 4096, .outputs = 1, .input_zero_point = 0};
        test.weights.assign(4096, static_cast<std::int8_t>(weight));
        test.layer_bias = {weight * input > 0 ? 1 << 26 : -(1 << 26)};
        test.multipliers = {INT32_MAX};
        test.shifts = {static_cast<std::int8_t>(shift)};
        const std::vector<std::int8_t> x(4096, static_cast<std::int8_t>(input));
        EXPECT_EQ(run(test, x), expected_outputs(test, x))
            << weight << " " << input << " " << shift;
      }
}

TEST(DenseS8, KeepsToTheClampOfAFusedRelu) {
  Case test{.inputs = 1, .outputs = 1, .output_zero_point = -20, .clamp_min = -20};
  test.weights = {100};
  test.layer_bias = {0};
  test.multipliers = {1073741824};
  test.shifts = {-3};
  EXPECT_EQ(run(test, {-50}), std::vector<int>{-20});
  EXPECT_EQ(run(test, {10}), std::vector<int>{-20 + 63});  // 62.5 rounds up
}

TEST(DenseS8, YieldsTheZeroPointForAMultiplierOfZero) {
  Case test{.inputs = 2, .outputs = 1, .output_zero_point = 11};
  test.weights = {5, -5};
  test.layer_bias = {12345};
  test.multipliers = {0};
  test.shifts = {0};
  EXPECT_EQ(run(test, {1, 2}), std::vector<int>{11});
}

}  // namespace
}  // namespace haltere::kernels
