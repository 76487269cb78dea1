// Float models as bundles: what comes back, what they compute, and what is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "models/bundle.hpp"
#include "models/float_model.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/crc32.hpp"

namespace haltere::models {
namespace {

constexpr float largest = std::numeric_limits<float>::max();

FloatModel sample() {
  FloatModel model;
  model.provenance.model_id = "sample";
  model.task = kernels::Task::classify;
  model.labels = {"no", "yes"};
  model.steps = {
      {FloatStepKind::dense, 3, 2, 0.0F, 6.0F, {1, 2, 3, -1, 0.5F, 4}, {0.25F, -1}},
      {FloatStepKind::tanh, 2, 2, 0.0F, 0.0F, {}, {}},
      {FloatStepKind::softmax, 2, 2, 0.0F, 0.0F, {}, {}},
  };
  return model;
}

TEST(FloatModel, ComesBackFromItsBytes) {
  const auto bytes = encode_float(sample());
  ASSERT_TRUE(bytes.ok()) << bytes.error().message;
  EXPECT_TRUE(is_float_bundle(*bytes));
  const auto model = decode_float(*bytes);
  ASSERT_TRUE(model.ok()) << model.error().message;
  EXPECT_EQ(*encode_float(*model), *bytes);
  EXPECT_EQ(model->labels, sample().labels);
  EXPECT_EQ(model->steps[0].weights, sample().steps[0].weights);
}

TEST(FloatModel, ComputesItsSteps) {
  const std::vector<float> x{1.0F, 0.5F, -0.25F};
  const float a = std::tanh(1.0F * 1 + 0.5F * 2 - 0.25F * 3 + 0.25F);
  const float b = std::tanh(0.0F);  // limited from -2.75
  const float ea = 1.0F;
  const float eb = std::exp(b - a);
  const std::vector<float> y = sample().run(x);
  EXPECT_EQ(y[0], ea / (ea + eb));
  EXPECT_EQ(y[1], eb / (ea + eb));
}

TEST(FloatModel, KeepsFusedLimitsFinite) {
  FloatModel model = sample();
  model.task = kernels::Task::regress;
  model.labels.clear();
  model.steps.resize(1);
  model.steps[0].low = -largest;
  model.steps[0].high = largest;
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(model.run(std::vector<float>{inf, 0, 0})[0], largest);
  EXPECT_TRUE(std::isnan(model.run(std::vector<float>{std::nanf(""), 0, 0})[0]));
}

TEST(FloatModel, IsRefusedByWhatRunsInt8) {
  const auto bytes = encode_float(sample());
  kernels::BundleView view{};
  EXPECT_EQ(kernels::open_bundle(bytes->data(), bytes->size(), view),
            kernels::BundleError::unsupported_packing);
  const auto opened = open(*bytes);
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message.find("haltere model quantize"), std::string::npos);
}

TEST(FloatModel, RefusesEveryFlippedBitAndTruncation) {
  std::vector<std::uint8_t> bytes = *encode_float(sample());
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(decode_float(bytes).ok()) << "bit " << bit;
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1U << bit % 8));
  }
  for (; !bytes.empty(); bytes.pop_back()) {
    if (bytes.size() < encode_float(sample())->size()) {
      EXPECT_FALSE(decode_float(bytes).ok());
    }
  }
}

/// With the CRC made to fit, a changed byte gives a model that encodes again, or a reason.
TEST(FloatModel, SurvivesEveryChangedByteWithAFittingCrc) {
  const std::vector<std::uint8_t> whole = *encode_float(sample());
  const std::size_t end = whole.size() - kernels::bundle_layout::crc_bytes;
  for (std::size_t i = 8; i < end; ++i) {
    std::vector<std::uint8_t> bytes = whole;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ 0x81U);
    const std::uint32_t crc = kernels::crc32(bytes.data(), end);
    std::memcpy(bytes.data() + end, &crc, sizeof crc);
    const auto model = decode_float(bytes);
    if (model) {
      EXPECT_EQ(*encode_float(*model), bytes);
    }
  }
}

TEST(FloatModel, RefusesWhatItsFormatDoesNotAllow) {
  FloatModel model = sample();
  model.labels.pop_back();
  EXPECT_FALSE(encode_float(model).ok());
  model = sample();
  model.steps[0].weights[3] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(encode_float(model).ok());
  model = sample();
  model.steps[0].low = 7.0F;
  EXPECT_FALSE(encode_float(model).ok());
  model = sample();
  model.steps[2].inputs = 3;
  EXPECT_FALSE(encode_float(model).ok());
}

}  // namespace
}  // namespace haltere::models
