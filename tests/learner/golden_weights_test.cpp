// With `deterministic`, the weights after some steps are the same numbers on every machine: this
// file holds them as checksums, and runs on each architecture that is tested.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "learner/trainer.hpp"
#include "models/kernels/crc32.hpp"
#include "models/random.hpp"

namespace haltere::learner {
namespace {

using models::Activation;

constexpr std::uint64_t seed = 20261125;
constexpr std::size_t inputs = 19;
constexpr std::size_t classes = 5;
constexpr std::size_t steps = 200;

struct Golden {
  std::string name;
  OptimizerKind optimizer;
  Activation hidden;
  std::size_t rows;
  std::uint32_t checksum;  ///< CRC-32 of the weights' bytes, little-endian
};

std::ostream& operator<<(std::ostream& out, const Golden& shown) { return out << shown.name; }

/// Weights after `steps` steps on rows and labels made from a seed.
std::vector<float> learned(const Golden& tested) {
  LearnSettings learn;
  learn.deterministic = true;
  learn.optimizer = tested.optimizer;
  learn.rate = 0.01F;
  learn.clip_norm = 1.0F;
  learn.balance_classes = true;
  if (tested.rows == 1) learn.momentum = learn.weight_decay = 0.0F;
  if (tested.rows > 1) learn.dropout = 0.2F;
  const std::vector<models::LayerShape> layers{
      {130, tested.hidden}, {23, tested.hidden}, {classes, Activation::softmax}};
  Trainer trainer(models::Network::create(inputs, layers, seed).value(),
                  {LossKind::cross_entropy, 0.05F}, learn, tested.rows);
  models::Random random(seed);
  std::vector<float> x(tested.rows * inputs);
  std::vector<std::int32_t> labels(tested.rows);
  for (std::size_t step = 0; step < steps; ++step) {
    for (float& value : x) value = 2.0F * random.symmetric();
    for (std::int32_t& label : labels) label = static_cast<std::int32_t>(random.below(classes));
    EXPECT_NE(trainer.step(x, {labels, {}}, tested.rows), StepOutcome::skipped);
  }
  const std::span<float> parameters = trainer.network().parameters();
  return {parameters.begin(), parameters.end()};
}

class GoldenWeights : public testing::TestWithParam<Golden> {};

TEST_P(GoldenWeights, AreTheSameOnEveryMachine) {
  const std::vector<float> weights = learned(GetParam());
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(weights.data());
  EXPECT_EQ(kernels::crc32(bytes, weights.size() * sizeof(float)), GetParam().checksum);
}

INSTANTIATE_TEST_SUITE_P(
    Steps, GoldenWeights,
    testing::Values(Golden{"sgd_row", OptimizerKind::sgd, Activation::relu, 1, 2971082484U},
                    Golden{"momentum_rows", OptimizerKind::sgd, Activation::tanh, 16, 3544130311U},
                    Golden{"adam_row", OptimizerKind::adam, Activation::leaky_relu, 1, 877359567U},
                    Golden{"adam_rows", OptimizerKind::adam, Activation::relu, 16, 2482449737U},
                    Golden{"rmsprop_rows", OptimizerKind::rmsprop, Activation::sigmoid, 7,
                           1361119932U}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace haltere::learner
