#include "learner/dropout.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "learner/trainer.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

using models::Activation;

constexpr std::uint64_t seed = 20261123;
constexpr std::size_t inputs = 5;

std::vector<float> random_values(std::size_t count, std::uint64_t from) {
  models::Random random(from);
  std::vector<float> values(count);
  for (float& value : values) value = random.symmetric();
  return values;
}

Trainer make_trainer(Activation hidden, float dropout, std::size_t rows) {
  LearnSettings learn;
  learn.dropout = dropout;
  const std::vector<models::LayerShape> layers{{24, hidden}, {20, hidden}, {3, Activation::linear}};
  return {models::Network::create(inputs, layers, seed).value(), {}, learn, rows};
}

TEST(Dropout, LeavesOutItsShareAndRaisesTheRest) {
  Dropout dropout(0.3F, seed);
  std::vector<float> units(20'000, 1.0F);
  std::vector<float> factors(units.size());
  dropout.draw(units, factors);
  double dropped = 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    dropped += units[i] == 0.0F ? 1.0 : 0.0;
    sum += static_cast<double>(units[i]);
    EXPECT_EQ(units[i], factors[i]);
  }
  EXPECT_NEAR(dropped / 20'000.0, 0.3, 0.01);
  EXPECT_NEAR(sum / 20'000.0, 1.0, 0.02);
}

/// The gradient is that of the net which is left, whichever units those are: the same draw, made
/// again by a copy of the trainer, gives the finite differences.
TEST(Dropout, GradientIsThatOfTheNetThatIsLeft) {
  constexpr std::size_t rows = 2;
  const std::vector<float> x = random_values(rows * inputs, seed + 1);
  const std::vector<float> values = random_values(rows * 3, seed + 2);
  const Truth truth{{}, values};
  for (const Activation hidden :
       {Activation::relu, Activation::leaky_relu, Activation::tanh, Activation::sigmoid}) {
    const Trainer before = make_trainer(hidden, 0.4F, rows);
    Trainer trainer = before;
    const auto formed = trainer.gradient(x, truth, rows);
    const auto loss_at = [&](std::size_t parameter, float step) {
      Trainer moved = before;
      moved.network().parameters()[parameter] += step;
      return mean_loss({}, moved.forward_training(x, rows), truth, rows);
    };
    for (std::size_t i = 0; i < formed.size(); i += 7) {
      const double expected = (loss_at(i, 2e-3F) - loss_at(i, -2e-3F)) / 4e-3;
      EXPECT_NEAR(static_cast<double>(formed[i]), expected, 4e-4)
          << to_string(hidden) << " parameter " << i;
    }
  }
}

TEST(Dropout, IsOffByDefaultAndInAnswers) {
  EXPECT_EQ(LearnSettings{}.dropout, 0.0F);
  const std::vector<float> x = random_values(inputs, seed + 1);
  Trainer off = make_trainer(Activation::relu, 0.0F, 1);
  Trainer on = make_trainer(Activation::relu, 0.5F, 1);
  EXPECT_TRUE(std::ranges::equal(off.forward(x), on.forward(x)));
  EXPECT_TRUE(std::ranges::equal(off.forward_training(x, 1), off.forward(x)));
  const auto trained = on.forward_training(x, 1);
  const std::vector<float> dropped(trained.begin(), trained.end());
  EXPECT_FALSE(std::ranges::equal(dropped, on.forward(x)));
}

/// With units left out a model still learns, and resumes to the bit as if it had never stopped.
TEST(Dropout, LearnsAndResumesToTheBit) {
  ModelSettings settings = small_classifier(3);
  settings.learn.dropout = 0.3F;
  settings.learn.balance_classes = true;
  const Stream stream = make_clouds(3, 200, false, seed);
  OnlineModel whole = make_model(settings, stream.inputs);
  learn_all(whole, stream, 0, 300);
  OnlineModel resumed = make_model(settings, stream.inputs);
  ASSERT_TRUE(resumed.restore(whole.save()).ok());
  learn_all(whole, stream, 300, 600);
  learn_all(resumed, stream, 300, 600);
  EXPECT_TRUE(std::ranges::equal(whole.network().parameters(), resumed.network().parameters()));
  EXPECT_GT(accuracy(whole, stream), 0.95);
}

}  // namespace
}  // namespace haltere::learner
