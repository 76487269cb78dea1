// The tables of tanh and logistic against the functions themselves, and the exponential they are
// made of against the kernels'.
#include <gtest/gtest.h>

#include <cmath>

#include "models/activation_tables.hpp"
#include "models/interop/tflite_arithmetic.hpp"
#include "models/kernels/softmax_s8.hpp"

namespace haltere::models::interop {
namespace {

class Curves : public testing::TestWithParam<float> {};

TEST_P(Curves, TanhIsWithinOneStep) {
  const float scale = GetParam();
  for (const int zero_point : {-128, -7, 0, 127}) {
    const ActivationTable table = tanh_table(scale, zero_point);
    for (int q = -128; q < 128; ++q) {
      const double exact = std::tanh(static_cast<double>(scale) * (q - zero_point)) * 128.0;
      EXPECT_NEAR(table.at(static_cast<std::size_t>(q + 128)), std::min(exact, 127.0), 1.0)
          << "scale " << scale << " zero point " << zero_point << " q " << q;
    }
  }
}

TEST_P(Curves, LogisticIsWithinOneStep) {
  const float scale = GetParam();
  for (const int zero_point : {-128, -7, 0, 127}) {
    const ActivationTable table = logistic_table(scale, zero_point);
    for (int q = -128; q < 128; ++q) {
      const double x = static_cast<double>(scale) * (q - zero_point);
      const double exact = 256.0 / (1.0 + std::exp(-x)) - 128.0;
      EXPECT_NEAR(table.at(static_cast<std::size_t>(q + 128)), std::min(exact, 127.0), 1.0)
          << "scale " << scale << " zero point " << zero_point << " q " << q;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scales, Curves,
                         testing::Values(0.0001F, 0.01F, 0.0313F, 0.0625F, 0.25F, 1.0F, 7.7F));

TEST(TfliteArithmetic, ExponentialIsTheKernels) {
  for (std::int64_t x = -(std::int64_t{1} << 31) + 1; x <= 0; x += 104729)
    ASSERT_EQ(exp_of_negative(static_cast<std::int32_t>(x), 5),
              kernels::exp_negative_q26(static_cast<std::int32_t>(x)));
}

TEST(TfliteArithmetic, ClampsAsFusedActivationsDo) {
  const Tensor tensor{TensorType::int8, 1, 0.05F, -100, ""};
  EXPECT_EQ(clamp_of(Fused::none, tensor).low, -128);
  EXPECT_EQ(clamp_of(Fused::none, tensor).high, 127);
  EXPECT_EQ(clamp_of(Fused::relu, tensor).low, -100);
  EXPECT_EQ(clamp_of(Fused::relu6, tensor).high, 20);
  EXPECT_EQ(clamp_of(Fused::relu_n1_to_1, tensor).low, -120);
  EXPECT_EQ(clamp_of(Fused::relu_n1_to_1, tensor).high, -80);
}

TEST(TfliteArithmetic, QuantizesHalvesAwayFromZero) {
  EXPECT_EQ(quantize(0.25F, 0.5F, 3), 4);
  EXPECT_EQ(quantize(-0.25F, 0.5F, 3), 2);
  EXPECT_EQ(quantize(1e30F, 0.5F, 3), 127);
  EXPECT_EQ(quantize(-INFINITY, 0.5F, 3), -128);
  EXPECT_EQ(quantize(NAN, 0.5F, 3), 3);
}

}  // namespace
}  // namespace haltere::models::interop
