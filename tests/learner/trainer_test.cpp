#include "learner/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

using models::Activation;
using models::LayerShape;
using models::Network;

constexpr std::uint64_t seed = 20260101;
constexpr std::size_t inputs = 5;

std::vector<float> random_values(std::size_t count, std::uint64_t from) {
  models::Random random(from);
  std::vector<float> values(count);
  for (float& value : values) value = random.symmetric();
  return values;
}

Network make_network(const std::vector<LayerShape>& layers) {
  Network network = Network::create(inputs, layers, seed).value();
  // layer_bias starts at 0; move it so that its gradient is tested away from there too.
  models::Random random(seed + 1);
  for (float& parameter : network.parameters()) parameter += 0.1F * random.symmetric();
  return network;
}

struct Case {
  std::string name;
  std::vector<LayerShape> layers;
  Loss loss;
  bool towards_shares = false;  ///< cross entropy: rows have shares of all classes, not labels
  float temperature = 0.0F;     ///< of a teacher's answers beside the truth; 0 = there are none
};

std::ostream& operator<<(std::ostream& out, const Case& shown) { return out << shown.name; }

class Gradient : public testing::TestWithParam<Case> {};

/// Central differences in double of a float loss: the step is large enough for rounding not to
/// matter, and the tolerance covers its own curvature.
TEST_P(Gradient, EqualsFiniteDifferences) {
  constexpr std::size_t rows = 3;
  const Case& tested = GetParam();
  Trainer trainer(make_network(tested.layers), tested.loss, LearnSettings{}, rows);
  const std::size_t outputs = trainer.network().outputs();
  const std::vector<float> x = random_values(rows * inputs, seed + 2);
  std::vector<float> values = random_values(rows * outputs, seed + 3);
  std::vector<std::int32_t> labels;
  if (tested.towards_shares)
    for (std::size_t r = 0; r < rows; ++r)
      models::activate(Activation::softmax, std::span(values).subspan(r * outputs, outputs));
  for (std::size_t r = 0; r < rows && !tested.towards_shares; ++r)
    labels.push_back(static_cast<std::int32_t>(r % outputs));
  Truth truth{labels, values};
  std::vector<float> taught = random_values(rows * outputs, seed + 4);
  for (std::size_t r = 0; r < rows && !labels.empty(); ++r)
    models::activate(Activation::softmax, std::span(taught).subspan(r * outputs, outputs));
  const std::vector<float> shares{0.3F, 1.0F, 0.0F};
  if (tested.temperature > 0.0F) truth.lesson = {taught, shares, tested.temperature};
  const std::span<const float> formed = trainer.gradient(x, truth, rows);
  const std::vector<float> gradient(formed.begin(), formed.end());
  const std::span<float> parameters = trainer.network().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    constexpr float step = 2e-3F;
    const float before = parameters[i];
    parameters[i] = before + step;
    const double above = mean_loss(tested.loss, trainer.forward(x, rows), truth, rows);
    parameters[i] = before - step;
    const double below = mean_loss(tested.loss, trainer.forward(x, rows), truth, rows);
    parameters[i] = before;
    const double expected = (above - below) / (2.0 * static_cast<double>(step));
    EXPECT_NEAR(static_cast<double>(gradient[i]), expected, 4e-4) << "parameter " << i;
  }
}

constexpr Loss squared{LossKind::squared, 0.0F};
constexpr Loss huber{.kind = LossKind::huber, .huber_reach = 0.4F};
constexpr Loss upper_decile{.kind = LossKind::quantile, .quantile = 0.9F};
constexpr Loss with_interval{.kind = LossKind::huber, .huber_reach = 0.4F, .interval = 0.8F};
constexpr Loss cross_entropy{LossKind::cross_entropy, 0.0F};
constexpr Loss smoothed{LossKind::cross_entropy, 0.1F};

INSTANTIATE_TEST_SUITE_P(
    LayersAndLosses, Gradient,
    testing::Values(
        Case{"linear", {{3, Activation::linear}}, squared},
        Case{"relu", {{7, Activation::relu}, {3, Activation::linear}}, squared},
        Case{"leaky_relu", {{7, Activation::leaky_relu}, {3, Activation::leaky_relu}}, squared},
        Case{"huber", {{7, Activation::tanh}, {3, Activation::linear}}, huber},
        Case{"quantile", {{7, Activation::tanh}, {3, Activation::linear}}, upper_decile},
        Case{"interval", {{7, Activation::tanh}, {6, Activation::linear}}, with_interval},
        Case{"relu_last", {{7, Activation::tanh}, {3, Activation::relu}}, squared},
        Case{"tanh", {{7, Activation::tanh}, {3, Activation::tanh}}, squared},
        Case{"sigmoid", {{7, Activation::sigmoid}, {3, Activation::sigmoid}}, squared},
        Case{"softmax", {{4, Activation::softmax}}, cross_entropy},
        Case{"deep_softmax",
             {{19, Activation::tanh}, {17, Activation::relu}, {4, Activation::softmax}},
             cross_entropy},
        Case{"softmax_towards_shares",
             {{6, Activation::relu}, {4, Activation::softmax}},
             cross_entropy,
             true},
        Case{"smoothed_softmax", {{6, Activation::sigmoid}, {4, Activation::softmax}}, smoothed},
        Case{"taught_values",
             {{7, Activation::tanh}, {6, Activation::linear}},
             with_interval,
             false,
             1.0F},
        Case{"taught_softmax",
             {{6, Activation::tanh}, {4, Activation::softmax}},
             smoothed,
             false,
             2.0F}),
    [](const auto& tested) { return tested.param.name; });

/// A bias alone, under the quantile's loss, comes to rest where that share of the truths is below.
TEST(Trainer, QuantileLossFindsTheQuantile) {
  LearnSettings plain;
  plain.optimizer = OptimizerKind::sgd;
  plain.momentum = 0.0F;
  plain.weight_decay = 0.0F;
  plain.rate = 0.01F;
  Trainer trainer(make_network({{1, Activation::linear}}), upper_decile, plain, 1);
  const std::vector<float> x(inputs, 0.0F);
  models::Random random(seed);
  for (int step = 0; step < 20'000; ++step) {
    const std::vector<float> value{random.symmetric()};
    ASSERT_EQ(trainer.step(x, {{}, value}, 1), StepOutcome::taken);
  }
  EXPECT_NEAR(trainer.forward(x)[0], 0.8F, 0.06F);  // of uniform truths in ±1
}

/// One wild truth moves a net under Huber's loss no further than an error at its reach.
TEST(Trainer, HuberLossBoundsThePullOfAWildTruth) {
  const auto moved_by = [](float truth) {
    LearnSettings plain;
    plain.optimizer = OptimizerKind::sgd;
    plain.momentum = 0.0F;
    plain.weight_decay = 0.0F;
    plain.rate = 0.1F;
    plain.clip_norm = 1e6F;
    Trainer trainer(make_network({{1, Activation::linear}}), huber, plain, 1);
    const std::vector<float> x(inputs, 0.0F);
    const float before = trainer.forward(x)[0];
    const std::vector<float> value{before + truth};
    trainer.step(x, {{}, value}, 1);
    return trainer.forward(x)[0] - before;
  };
  EXPECT_NEAR(moved_by(0.2F), 0.1F * 0.2F, 1e-6F);
  EXPECT_NEAR(moved_by(0.4F), 0.1F * 0.4F, 1e-6F);
  EXPECT_NEAR(moved_by(1000.0F), 0.1F * 0.4F, 1e-6F);
}

TEST(Trainer, TakesTheMeanOfItsRows) {
  const std::vector<LayerShape> layers{{9, Activation::relu}, {3, Activation::softmax}};
  Trainer trainer(make_network(layers), cross_entropy, LearnSettings{}, 4);
  const std::vector<float> x = random_values(4 * inputs, seed);
  const std::vector<std::int32_t> labels{0, 1, 2, 1};
  const std::span<const float> formed = trainer.gradient(x, {labels, {}}, 4);
  const std::vector<float> together(formed.begin(), formed.end());
  std::vector<double> alone(together.size(), 0.0);
  for (std::size_t row = 0; row < 4; ++row) {
    const std::span<const float> one = trainer.gradient(std::span(x).subspan(row * inputs, inputs),
                                                        {std::span(labels).subspan(row, 1), {}}, 1);
    for (std::size_t i = 0; i < one.size(); ++i) alone[i] += static_cast<double>(one[i]) / 4.0;
  }
  for (std::size_t i = 0; i < together.size(); ++i)
    EXPECT_NEAR(static_cast<double>(together[i]), alone[i], 1e-6);
}

TEST(Trainer, PlainStepEqualsDescendingAlongTheGradient) {
  LearnSettings plain;
  plain.optimizer = OptimizerKind::sgd;
  plain.momentum = 0.0F;
  plain.weight_decay = 0.0F;
  plain.rate = 0.05F;
  plain.clip_norm = 1e6F;
  const std::vector<LayerShape> layers{{9, Activation::relu}, {3, Activation::linear}};
  Trainer trainer(make_network(layers), squared, plain, 1);
  const std::vector<float> x = random_values(inputs, seed);
  const std::vector<float> values{0.5F, -1.0F, 2.0F};
  const std::vector<float> before(trainer.network().parameters().begin(),
                                  trainer.network().parameters().end());
  const std::span<const float> formed = trainer.gradient(x, {{}, values}, 1);
  const std::vector<float> gradient(formed.begin(), formed.end());
  ASSERT_EQ(trainer.step(x, {{}, values}, 1), StepOutcome::taken);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    EXPECT_NEAR(trainer.network().parameters()[i], before[i] - 0.05F * gradient[i], 1e-6F);
}

/// A step on one row whose gradient grows too long only in a lower layer, when those above have
/// stepped already, is the shortened step all the same.
TEST(Trainer, ClipsAStepThatTurnsOutTooLong) {
  for (const float clip_norm : {100.0F, 4.0F, 1.0F, 0.1F}) {
    LearnSettings plain;
    plain.optimizer = OptimizerKind::sgd;
    plain.momentum = 0.0F;
    plain.weight_decay = 0.0F;
    plain.rate = 0.05F;
    plain.clip_norm = clip_norm;
    const std::vector<LayerShape> layers{
        {9, Activation::relu}, {130, Activation::relu}, {3, Activation::linear}};
    Trainer trainer(make_network(layers), squared, plain, 1);
    const std::vector<float> x = random_values(inputs, seed);
    const std::vector<float> values{2.0F, -4.0F, 3.0F};
    const std::vector<float> before(trainer.network().parameters().begin(),
                                    trainer.network().parameters().end());
    const std::span<const float> formed = trainer.gradient(x, {{}, values}, 1);
    const std::vector<float> gradient(formed.begin(), formed.end());
    double squares = 0.0;
    for (const float slope : gradient) squares += static_cast<double>(slope * slope);
    const bool too_long = std::sqrt(squares) > static_cast<double>(clip_norm);
    const float scale = too_long ? clip_norm / static_cast<float>(std::sqrt(squares)) : 1.0F;
    EXPECT_EQ(trainer.step(x, {{}, values}, 1),
              too_long ? StepOutcome::clipped : StepOutcome::taken);
    for (std::size_t i = 0; i < gradient.size(); ++i)
      EXPECT_NEAR(trainer.network().parameters()[i], before[i] - 0.05F * scale * gradient[i], 1e-6F)
          << "clip_norm " << clip_norm << " parameter " << i;
  }
}

/// The two arithmetics differ by rounding alone, step after step.
TEST(Trainer, FusedStepsStayCloseToDeterministicOnes) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam})
    for (const std::size_t rows : {std::size_t{1}, std::size_t{7}}) {
      const auto run = [&](bool deterministic) {
        LearnSettings settings;
        settings.optimizer = kind;
        settings.deterministic = deterministic;
        settings.rate = 0.01F;
        const std::vector<LayerShape> layers{{19, Activation::tanh}, {4, Activation::softmax}};
        Trainer trainer(make_network(layers), cross_entropy, settings, rows);
        for (std::uint64_t step = 0; step < 30; ++step) {
          const std::vector<float> x = random_values(rows * inputs, seed + step);
          std::vector<std::int32_t> labels;
          for (std::size_t r = 0; r < rows; ++r)
            labels.push_back(static_cast<std::int32_t>((r + step) % 4));
          EXPECT_NE(trainer.step(x, {labels, {}}, rows), StepOutcome::skipped);
        }
        const std::span<float> parameters = trainer.network().parameters();
        return std::vector<float>(parameters.begin(), parameters.end());
      };
      const std::vector<float> exact = run(true);
      const std::vector<float> fused = run(false);
      for (std::size_t i = 0; i < exact.size(); ++i)
        EXPECT_NEAR(fused[i], exact[i], 2e-4F) << to_string(kind) << " rows " << rows;
    }
}

class ClippedStep : public testing::TestWithParam<std::size_t> {};

TEST_P(ClippedStep, IsAsLongAsTheLimit) {
  const std::size_t rows = GetParam();
  LearnSettings plain;
  plain.optimizer = OptimizerKind::sgd;
  plain.momentum = 0.0F;
  plain.weight_decay = 0.0F;
  plain.rate = 1.0F;
  plain.clip_norm = 0.25F;
  Trainer trainer(make_network({{3, Activation::linear}}), squared, plain, rows);
  const std::vector<float> x = random_values(rows * inputs, seed);
  const std::vector<float> values(3 * rows, 100.0F);
  const std::vector<float> before(trainer.network().parameters().begin(),
                                  trainer.network().parameters().end());
  ASSERT_EQ(trainer.step(x, {{}, values}, rows), StepOutcome::clipped);
  double length = 0.0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double moved = static_cast<double>(trainer.network().parameters()[i] - before[i]);
    length += moved * moved;
  }
  EXPECT_NEAR(std::sqrt(length), 0.25, 1e-4);
}

INSTANTIATE_TEST_SUITE_P(Rows, ClippedStep, testing::Values(1, 2));

TEST(Trainer, SkipsAStepWhoseGradientIsNotFinite) {
  for (const OptimizerKind kind : {OptimizerKind::sgd, OptimizerKind::adam}) {
    LearnSettings settings;
    settings.optimizer = kind;
    settings.momentum = 0.0F;
    settings.weight_decay = 0.0F;
    Trainer trainer(make_network({{3, Activation::linear}}), squared, settings, 1);
    const std::vector<float> x = random_values(inputs, seed);
    const std::vector<float> values{0.0F, std::numeric_limits<float>::quiet_NaN(), 0.0F};
    const std::vector<float> before(trainer.network().parameters().begin(),
                                    trainer.network().parameters().end());
    EXPECT_EQ(trainer.step(x, {{}, values}, 1), StepOutcome::skipped);
    EXPECT_TRUE(std::ranges::equal(before, trainer.network().parameters()));
  }
}

}  // namespace
}  // namespace haltere::learner
