// The head that is learned where the model runs, beside the same in double precision.
#include "models/kernels/head_f32.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "models/bundle.hpp"
#include "models/packer.hpp"
#include "tests/fakes/random_bundle.hpp"

namespace haltere::kernels {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t hidden = 9;
constexpr std::size_t outputs = 5;

Bytes net(Activation activation, std::mt19937& random) {
  return fakes::random_bundle(
      {.sizes = {12, hidden, outputs}, .activations = {activation, Activation::softmax}}, random);
}

/// A model with a head, and one inference's tensors.
struct Learner {
  explicit Learner(const Bytes& bundle)
      : bytes(bundle),
        view(models::open(bytes).value()),
        floats(head_floats(view)),
        head(make_head(view, floats.data())),
        scratch(view.scratch_bytes),
        logits(view.outputs) {}

  std::uint16_t judge(const std::vector<float>& features) {
    quantize_inputs(view, reinterpret_cast<const std::uint8_t*>(features.data()), scratch.data());
    x = run_to_logits(view, scratch.data(), logits.data());
    return judge_head(head, x, logits.data());
  }

  /// Probabilities by definition, with the delta as it is.
  [[nodiscard]] std::vector<double> expected() const {
    std::vector<double> p(outputs);
    double sum = 0.0;
    for (std::size_t o = 0; o < outputs; ++o) {
      double z = static_cast<double>(head.logit_scale) * (logits[o] - head.logit_zero_point);
      for (std::size_t i = 0; i < hidden; ++i) {
        z += static_cast<double>(head.delta[o * (hidden + 1) + i]) *
             static_cast<double>(head.input_scale) * (x[i] - head.input_zero_point);
      }
      p[o] = std::exp(z + static_cast<double>(head.delta[o * (hidden + 1) + hidden]));
      sum += p[o];
    }
    for (double& value : p) value /= sum;
    return p;
  }

  Bytes bytes;
  BundleView view;
  std::vector<float> floats;
  HeadF32 head;
  std::vector<std::int8_t> scratch;
  std::vector<std::int8_t> logits;
  const std::int8_t* x = nullptr;
};

std::vector<float> features(std::mt19937& random) {
  std::vector<float> row(12);
  for (float& x : row) x = std::uniform_real_distribution<float>(-4.0F, 4.0F)(random);
  return row;
}

TEST(HeadF32, ChangesNothingBeforeItLearns) {
  std::mt19937 random(1);
  Learner learner(net(Activation::relu, random));
  auto model = models::Int8Model::create(learner.bytes).value();
  for (int round = 0; round < 200; ++round) {
    const auto row = features(random);
    const std::uint16_t best = learner.judge(row);
    (void)model.run(row);
    EXPECT_EQ(model.outputs()[best], std::ranges::max(model.outputs()));
  }
}

TEST(HeadF32, LearnsByTheGradientOfTheCrossEntropy) {
  for (const Activation activation :
       {Activation::relu, Activation::tanh, Activation::sigmoid, Activation::leaky_relu}) {
    std::mt19937 random(2);
    Learner learner(net(activation, random));
    for (int round = 0; round < 100; ++round) {
      (void)learner.judge(features(random));
      const auto p = learner.expected();
      for (std::size_t o = 0; o < outputs; ++o) {
        ASSERT_NEAR(learner.head.probabilities[o], p[o], 2e-5);
      }
      const auto label = static_cast<std::uint16_t>(random() % outputs);
      const std::vector<float> before(learner.head.delta,
                                      learner.head.delta + outputs * (hidden + 1));
      double square = 1.0;
      for (std::size_t i = 0; i < hidden; ++i) square += std::pow(learner.head.x[i], 2);
      EXPECT_NEAR(learn_head(learner.head, label, 0.25F), 1.0 - p[label], 2e-5);
      for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t i = 0; i <= hidden; ++i) {
          const double input = i == hidden ? 1.0 : static_cast<double>(learner.head.x[i]);
          const double gradient = (p[o] - (o == label ? 1.0 : 0.0)) * input;
          const std::size_t at = o * (hidden + 1) + i;
          ASSERT_NEAR(learner.head.delta[at],
                      static_cast<double>(before[at]) - 0.25 / square * gradient, 1e-5);
        }
      }
    }
  }
}

TEST(HeadF32, LearnsTheSameBitsWithWeightsPackedForAnyCore) {
  std::mt19937 random(3);
  const Bytes plain = net(Activation::relu, random);
  for (std::uint8_t code = 1; code < weight_packings; ++code) {
    const auto packed = models::pack(plain, static_cast<WeightPacking>(code));
    ASSERT_TRUE(packed) << packed.error().message;
    Learner here(plain);
    Learner there(*packed);
    for (int round = 0; round < 50; ++round) {
      const auto row = features(random);
      ASSERT_EQ(here.judge(row), there.judge(row));
      const auto label = static_cast<std::uint16_t>(random() % outputs);
      (void)learn_head(here.head, label, 0.5F);
      (void)learn_head(there.head, label, 0.5F);
    }
    EXPECT_EQ(here.floats, there.floats);
  }
}

TEST(HeadF32, OnlyAClassifiersSoftmaxHasOne) {
  std::mt19937 random(4);
  EXPECT_TRUE(can_have_head(models::open(net(Activation::relu, random)).value()));
  const Bytes linear = fakes::random_bundle(
      {.sizes = {4, 3}, .activations = {Activation::relu, Activation::linear}}, random);
  EXPECT_FALSE(can_have_head(models::open(linear).value()));
}

}  // namespace
}  // namespace haltere::kernels
