// Integer and float arithmetic of the kernels against definitions computed another way.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "models/kernels/crc32.hpp"
#include "models/kernels/fixed_point.hpp"
#include "models/kernels/lookup_s8.hpp"
#include "models/kernels/quantize_f32_s8.hpp"
#include "models/kernels/softmax_s8.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/text.hpp"
#include "models/random.hpp"

namespace haltere::kernels {
namespace {

using models::Random;

constexpr std::uint64_t seed = 20261121;

const std::vector<std::int32_t> edges = {
    INT32_MIN, INT32_MIN + 1, -1073741825, -1073741824,   -3,       -2, -1, 0, 1, 2,
    3,         1073741823,    1073741824,  INT32_MAX - 1, INT32_MAX};

/// gemmlowp's own form: nudge by the sign, then divide truncating.
std::int32_t doubling_high_mul(std::int32_t a, std::int32_t b) {
  if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
  const std::int64_t product = std::int64_t{a} * b;
  const std::int64_t nudge = product >= 0 ? (1LL << 30U) : 1 - (1LL << 30U);
  return static_cast<std::int32_t>((product + nudge) / (1LL << 31U));
}

TEST(FixedPoint, MultipliesLikeTheTruncatingDefinition) {
  Random random(seed);
  for (const auto a : edges)
    for (const auto b : edges)
      EXPECT_EQ(multiply_q31(a, b), doubling_high_mul(a, b)) << a << " " << b;
  for (int i = 0; i < 100'000; ++i) {
    const auto a = static_cast<std::int32_t>(random.next());
    const auto b = static_cast<std::int32_t>(random.next());
    ASSERT_EQ(multiply_q31(a, b), doubling_high_mul(a, b)) << a << " " << b;
  }
}

TEST(FixedPoint, DividesRoundingHalvesAwayFromZero) {
  Random random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const auto x = static_cast<std::int32_t>(random.next()) >> random.below(31);
    const int exponent = static_cast<int>(random.below(32));
    // x and the divisor are exact in double, and std::round rounds halves away.
    ASSERT_EQ(divide_by_power_of_two(x, exponent), std::round(std::ldexp(x, -exponent)))
        << x << " " << exponent;
  }
  EXPECT_EQ(divide_by_power_of_two(3, 1), 2);
  EXPECT_EQ(divide_by_power_of_two(-3, 1), -2);
  EXPECT_EQ(divide_by_power_of_two(INT32_MIN, 31), -1);
  EXPECT_EQ(divide_by_power_of_two(INT32_MAX, 31), 1);
}

TEST(FixedPoint, RequantizesWithTwoRoundings) {
  // 0.5 rounds up in the product, then 1.5 / 1 stays: one rounding would give another result.
  EXPECT_EQ(requantize(1, 1073741824, 0), 1);
  EXPECT_EQ(requantize(-1, 1073741824, 0), 0);
  EXPECT_EQ(requantize(5, 1073741824, -1), 2);  // 2.5 -> 3 -> 1.5 -> 2; exactly 1.25
  EXPECT_EQ(requantize(100, 1073741824, 3), 400);
}

TEST(QuantizeF32S8, RoundsHalvesAwayFromZeroAndSaturates) {
  EXPECT_EQ(quantize_f32_s8(0.5F, 0.0F, 1.0F, 0), 1);
  EXPECT_EQ(quantize_f32_s8(-0.5F, 0.0F, 1.0F, 0), -1);
  EXPECT_EQ(quantize_f32_s8(0.49999997F, 0.0F, 1.0F, 0), 0);
  EXPECT_EQ(quantize_f32_s8(2.5F, 1.0F, 1.0F, -3), -1);
  EXPECT_EQ(quantize_f32_s8(1e30F, 0.0F, 1e30F, 5), 127);  // infinity
  EXPECT_EQ(quantize_f32_s8(-1e30F, 0.0F, 1e30F, 5), -128);
  EXPECT_EQ(quantize_f32_s8(300.0F, 0.0F, 1.0F, -100), 127);
  EXPECT_EQ(quantize_f32_s8(255.0F, 0.0F, 1.0F, -128), 127);
  EXPECT_EQ(quantize_f32_s8(1e-40F, 0.0F, 1.0F, 7), 7);
}

TEST(QuantizeF32S8, TakesNotANumberForTheUsualValue) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(quantize_f32_s8(nan, 1.0F, 2.0F, -7), -7);
  EXPECT_EQ(quantize_f32_s8(std::numeric_limits<float>::infinity(), 0.0F, 0.0F, 9), 9);
}

std::uint32_t bits_near(std::uint32_t bits, Random& random) {
  return bits + static_cast<std::uint32_t>(random.below(5)) - 2U;
}

void expect_integers_agree(std::uint32_t x, std::uint32_t mean, std::uint32_t gain,
                           Random& random) {
  const auto zero_point = static_cast<std::int8_t>(random.next());
  ASSERT_EQ(quantize_f32_s8_portable(x, mean, gain, zero_point),
            quantize_f32_s8(std::bit_cast<float>(x), std::bit_cast<float>(mean),
                            std::bit_cast<float>(gain), zero_point))
      << std::hex << x << " " << mean << " " << gain << std::dec << " " << int{zero_point};
}

TEST(QuantizeF32S8, GivesTheSameBytesWithIntegersAlone) {
  Random random(seed);
  const auto finite = [&random] {
    for (;;) {
      const std::uint32_t bits = random.next();
      if ((bits & 0x7f800000U) != 0x7f800000U) return bits;
    }
  };
  const std::uint32_t special[] = {0U,          1U,          0x007fffffU, 0x00800000U,
                                   0x00800001U, 0x3f000000U, 0x3f800000U, 0x7f7fffffU,
                                   0x7f800000U, 0x7f800001U, 0x7fc00000U};
  for (const std::uint32_t x : special)
    for (const std::uint32_t mean : special)
      for (const std::uint32_t gain : special)
        for (const std::uint32_t signs : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U}) {
          if (mean >= 0x7f800000U || gain >= 0x7f800000U) continue;
          ASSERT_NO_FATAL_FAILURE(expect_integers_agree(x | (signs & 1U) << 31U,
                                                        mean | (signs & 2U) << 30U,
                                                        gain | (signs & 4U) << 29U, random));
        }
  for (int i = 0; i < 200'000; ++i) {
    ASSERT_NO_FATAL_FAILURE(expect_integers_agree(random.next(), finite(), finite(), random));
    // Differences that cancel, and products near a half: where roundings decide.
    const std::uint32_t mean = std::bit_cast<std::uint32_t>(random.symmetric() * 8.0F);
    ASSERT_NO_FATAL_FAILURE(
        expect_integers_agree(bits_near(mean, random), mean,
                              std::bit_cast<std::uint32_t>(1e6F * random.symmetric()), random));
    const float gain = 0.1F + 40.0F * std::fabs(random.symmetric());
    const float half = static_cast<float>(random.below(300)) + 0.5F;
    const float other = random.below(2) == 0 ? random.symmetric() : 0.0F;
    ASSERT_NO_FATAL_FAILURE(expect_integers_agree(
        bits_near(std::bit_cast<std::uint32_t>(half / gain + other), random),
        std::bit_cast<std::uint32_t>(other), std::bit_cast<std::uint32_t>(gain), random));
  }
}

TEST(QuantizeF32S8, AgreesWithDoubleRoundingOnRandomValues) {
  Random random(seed);
  for (int i = 0; i < 100'000; ++i) {
    const float x = random.symmetric() * 300.0F;
    const float mean = random.symmetric();
    const float gain = random.symmetric() * 2.0F;
    const auto zero_point = static_cast<std::int8_t>(random.next());
    const double real = std::round(static_cast<double>((x - mean) * gain)) + zero_point;
    ASSERT_EQ(quantize_f32_s8(x, mean, gain, zero_point), std::clamp(real, -128.0, 127.0));
  }
}

TEST(SquareRootF32, IsCorrectlyRoundedWithAndWithoutHardware) {
  Random random(seed);
  for (int i = 0; i < 200'000; ++i) {
    const auto x = std::bit_cast<float>(random.next() & 0x7fffffffU);
    if (!std::isfinite(x)) continue;
    const auto exact = static_cast<float>(std::sqrt(static_cast<double>(x)));
    ASSERT_EQ(square_root_f32_portable(x), exact) << x;
    ASSERT_EQ(square_root_f32(x), exact) << x;
  }
}

TEST(SquareRootF32, KeepsTheSpecialValues) {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto root : {square_root_f32, square_root_f32_portable}) {
    EXPECT_EQ(root(0.0F), 0.0F);
    EXPECT_TRUE(std::signbit(root(-0.0F)));
    EXPECT_EQ(root(infinity), infinity);
    EXPECT_TRUE(std::isnan(root(-1.0F)));
    EXPECT_TRUE(std::isnan(root(std::numeric_limits<float>::quiet_NaN())));
    EXPECT_EQ(root(std::numeric_limits<float>::denorm_min()),
              static_cast<float>(std::sqrt(0x1p-149)));
  }
}

TEST(LookupS8, ReadsTheTableFromMinus128On) {
  std::array<std::int8_t, lookup_table_bytes> table{};
  int q = -128;
  for (auto& entry : table) entry = static_cast<std::int8_t>(-1 - q++);
  std::array<std::int8_t, 4> values = {-128, -1, 0, 127};
  lookup_s8(table.data(), values.data(), values.size());
  EXPECT_EQ(values, (std::array<std::int8_t, 4>{127, 0, -1, -128}));
}

struct SoftmaxCase {
  std::int32_t multiplier;
  int shift;
  std::vector<int> logits;
  std::vector<int> shares;
};

// Made by a Python program with unlimited integers that follows gemmlowp's fixedpoint.h definition
// by definition (truncating divisions included), not these kernels. Input scales from 0.005 to 1.
const std::vector<SoftmaxCase> softmax_cases = {
    {1717986918, 23, {0}, {127}},
    {1717986918, 22, {0, 0}, {0, 0}},
    {1717986918, 23, {127, -128}, {127, -128}},
    {1374389535, 21, {127, 126, -128, 3}, {-4, -7, -127, -118}},
    {1288490189, 25, {-128, -128, -128, -128, -128}, {-77, -77, -77, -77, -77}},
    {1552143360, 22, {10, 20, 30, 40, 50, 60}, {-118, -112, -102, -88, -65, -28}},
    {2133739753, 22, {-37, 90, 12, 89, -5, 88, 0}, {-128, -38, -127, -43, -128, -48, -128}},
    {1073741824,
     27,
     {127, 127, 127, 127, 127, 127, 127, -128, -128, -128},
     {-91, -91, -91, -91, -91, -91, -91, -128, -128, -128}},
    {1133012373, 24, {37, -51, 74}, {-126, -128, 126}},
    {1498084593, 21, {-91, -80, 59, -99, -19, -109}, {-121, -119, 65, -122, -93, -123}},
    {2020352616,
     20,
     {86, -93, -5, -82, 89, -98, -65, -14, -97, 75},
     {-60, -123, -110, -122, -57, -123, -121, -112, -123, -71}},
    {1182833993,
     24,
     {-15, -105, -60, 20, 86, -55, -68, 29, -36, -76, -32, 62, -79, -96, -98, -23, 126},
     {-128, -128, -128, -128, -127, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128,
      -128, 127}},
};

TEST(SoftmaxS8, GivesTheBytesOfTheSpecification) {
  for (const auto& test : softmax_cases) {
    std::vector<std::int8_t> values(test.logits.begin(), test.logits.end());
    softmax_s8({test.multiplier, static_cast<std::int8_t>(test.shift)}, values.data(),
               values.size());
    EXPECT_EQ(std::vector<int>(values.begin(), values.end()), test.shares);
  }
}

TEST(SoftmaxS8, StaysWithinOneStepOfTheExactShares) {
  Random random(seed);
  constexpr double scale = 0.05;  // = 1717986918 / 2^31 * 2^22 / 2^26
  for (int round = 0; round < 2'000; ++round) {
    std::vector<std::int8_t> values(1 + random.below(20));
    for (auto& value : values) value = static_cast<std::int8_t>(random.next());
    double sum = 0.0;
    for (const auto value : values) sum += std::exp(scale * value);
    const std::vector<std::int8_t> logits = values;
    softmax_s8({1717986918, 22}, values.data(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_NEAR(values[i], std::min(256.0 * std::exp(scale * logits[i]) / sum - 128.0, 127.0),
                  1.01);
  }
}

TEST(SoftmaxS8, SurvivesTheWidestAndTheFinestScale) {
  for (const int shift : {0, 30}) {
    std::vector<std::int8_t> values(max_softmax_outputs, 5);
    values[0] = 127;
    values[1] = -128;
    softmax_s8({INT32_MAX, static_cast<std::int8_t>(shift)}, values.data(), values.size());
    EXPECT_GE(values[0], values[1]);
  }
}

TEST(Crc32, GivesTheCheckValueOfItsCatalogueEntry) {
  const std::array<std::uint8_t, 9> digits = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  EXPECT_EQ(crc32(digits.data(), digits.size()), 0xcbf43926U);
  EXPECT_EQ(crc32(digits.data() + 4, 5, crc32(digits.data(), 4)), 0xcbf43926U);
}

TEST(Fnv1a, GivesTheAuthorsVectors) {
  const std::array<std::uint8_t, 6> foobar = {'f', 'o', 'o', 'b', 'a', 'r'};
  EXPECT_EQ(fnv1a_64(foobar.data(), 0), 0xcbf29ce484222325U);
  EXPECT_EQ(fnv1a_64(foobar.data(), 6), 0x85944171f73967e8U);
}

bool is_text(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  bytes.resize(16);
  return is_padded_text(bytes.data(), bytes.size());
}

TEST(PaddedText, AcceptsWellFormedUtf8Only) {
  EXPECT_TRUE(is_text("idle"));
  EXPECT_TRUE(is_text("0123456789abcdef"));
  EXPECT_TRUE(is_text("gr\xc3\xbc\xc3\x9f"));
  EXPECT_TRUE(is_text("\xf0\x9f\x99\x82"));
  EXPECT_FALSE(is_text(""));
  EXPECT_FALSE(is_text("a\nb"));
  EXPECT_FALSE(is_text("\x7f"));
  EXPECT_FALSE(is_text("\xc2\x85"));             // a control character in two bytes
  EXPECT_FALSE(is_text("\xc0\xaf"));             // overlong
  EXPECT_FALSE(is_text("\xe0\x80\xaf"));         // overlong
  EXPECT_FALSE(is_text("\xed\xa0\x80"));         // surrogate
  EXPECT_FALSE(is_text("\xf4\x90\x80\x80"));     // beyond Unicode
  EXPECT_FALSE(is_text("\xc3"));                 // cut off
  EXPECT_FALSE(is_text("0123456789abcde\xc3"));  // cut off by the end of the field
  EXPECT_FALSE(is_text(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace haltere::kernels
