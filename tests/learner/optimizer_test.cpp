#include "learner/optimizer.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace haltere::learner {
namespace {

constexpr std::size_t count = 21;  // not a multiple of any vector width

float slope_at(std::size_t step, std::size_t i) {
  return std::sin(static_cast<float>(3 * step + i)) + 0.1F * static_cast<float>(i % 3);
}

void step(Optimizer& optimizer, std::vector<float>& parameters,
          const std::vector<float>& gradient) {
  optimizer.begin(1.0F);
  optimizer.apply(0, parameters, gradient);
}

std::vector<float> run(const LearnSettings& settings, std::size_t steps) {
  Optimizer optimizer(settings, count);
  std::vector<float> parameters(count, 1.0F);
  std::vector<float> gradient(count);
  for (std::size_t s = 0; s < steps; ++s) {
    for (std::size_t i = 0; i < count; ++i) gradient[i] = slope_at(s, i);
    step(optimizer, parameters, gradient);
  }
  return parameters;
}

TEST(Optimizer, SgdFollowsItsDefinition) {
  LearnSettings settings;
  settings.optimizer = OptimizerKind::sgd;
  settings.rate = 0.01F;
  settings.momentum = 0.9F;
  settings.weight_decay = 0.5F;
  const std::vector<float> parameters = run(settings, 40);
  for (std::size_t i = 0; i < count; ++i) {
    double w = 1.0;
    double velocity = 0.0;
    for (std::size_t s = 0; s < 40; ++s) {
      w -= 0.01 * 0.5 * w;
      velocity = 0.9 * velocity + static_cast<double>(slope_at(s, i));
      w -= 0.01 * velocity;
    }
    EXPECT_NEAR(static_cast<double>(parameters[i]), w, 2e-5);
  }
}

TEST(Optimizer, AdamFollowsItsDefinition) {
  LearnSettings settings;
  settings.optimizer = OptimizerKind::adam;
  settings.rate = 0.01F;
  settings.weight_decay = 0.0F;
  const std::vector<float> parameters = run(settings, 40);
  for (std::size_t i = 0; i < count; ++i) {
    double w = 1.0;
    double first = 0.0;
    double second = 0.0;
    for (std::size_t s = 0; s < 40; ++s) {
      const double slope = static_cast<double>(slope_at(s, i));
      first = 0.9 * first + 0.1 * slope;
      second = 0.999 * second + 0.001 * slope * slope;
      const auto t = static_cast<double>(s + 1);
      w -= 0.01 * (first / (1.0 - std::pow(0.9, t))) /
           (std::sqrt(second / (1.0 - std::pow(0.999, t))) + 1e-8);
    }
    EXPECT_NEAR(static_cast<double>(parameters[i]), w, 2e-5);
  }
}

/// AdamW: the decay is no part of the gradient, whose moments know nothing of it.
TEST(Optimizer, WeightDecayIsDecoupledFromAdam) {
  LearnSettings settings;
  settings.optimizer = OptimizerKind::adam;
  settings.rate = 0.01F;
  settings.weight_decay = 0.5F;
  const std::vector<float> parameters = run(settings, 40);
  for (std::size_t i = 0; i < count; ++i) {
    double w = 1.0;
    double first = 0.0;
    double second = 0.0;
    for (std::size_t s = 0; s < 40; ++s) {
      const double slope = static_cast<double>(slope_at(s, i));
      first = 0.9 * first + 0.1 * slope;
      second = 0.999 * second + 0.001 * slope * slope;
      const auto t = static_cast<double>(s + 1);
      w -= 0.01 * 0.5 * w;
      w -= 0.01 * (first / (1.0 - std::pow(0.9, t))) /
           (std::sqrt(second / (1.0 - std::pow(0.999, t))) + 1e-8);
    }
    EXPECT_NEAR(static_cast<double>(parameters[i]), w, 2e-5);
  }
}

/// Every optimizer sees a gradient that is shortened as if it had been that short: in step and in
/// what it remembers.
TEST(Optimizer, TakesAShortenedGradientForTheGradient) {
  for (const OptimizerKind kind :
       {OptimizerKind::sgd, OptimizerKind::adam, OptimizerKind::rmsprop}) {
    LearnSettings settings;
    settings.optimizer = kind;
    Optimizer shortening(settings, count);
    Optimizer plain(settings, count);
    std::vector<float> given(count, 1.0F);
    std::vector<float> expected(count, 1.0F);
    for (std::size_t s = 0; s < 20; ++s) {
      std::vector<float> gradient(count);
      for (std::size_t i = 0; i < count; ++i) gradient[i] = slope_at(s, i);
      shortening.begin(s % 3 == 0 ? 0.125F : 1.0F);
      shortening.apply(0, given, gradient);
      if (s % 3 == 0)
        for (float& slope : gradient) slope *= 0.125F;
      step(plain, expected, gradient);
    }
    for (std::size_t i = 0; i < count; ++i)
      EXPECT_NEAR(given[i], expected[i], 1e-6F) << to_string(kind);
  }
}

TEST(Optimizer, NesterovFollowsItsDefinition) {
  LearnSettings settings;
  settings.optimizer = OptimizerKind::sgd;
  settings.rate = 0.01F;
  settings.momentum = 0.9F;
  settings.nesterov = true;
  settings.weight_decay = 0.0F;
  const std::vector<float> parameters = run(settings, 40);
  for (std::size_t i = 0; i < count; ++i) {
    double w = 1.0;
    double velocity = 0.0;
    for (std::size_t s = 0; s < 40; ++s) {
      const auto slope = static_cast<double>(slope_at(s, i));
      velocity = 0.9 * velocity + slope;
      w -= 0.01 * (slope + 0.9 * velocity);
    }
    EXPECT_NEAR(static_cast<double>(parameters[i]), w, 2e-5);
  }
}

TEST(Optimizer, RmspropFollowsItsDefinition) {
  LearnSettings settings;
  settings.optimizer = OptimizerKind::rmsprop;
  settings.rate = 0.01F;
  settings.weight_decay = 0.0F;
  const std::vector<float> parameters = run(settings, 40);
  for (std::size_t i = 0; i < count; ++i) {
    double w = 1.0;
    double square = 0.0;
    for (std::size_t s = 0; s < 40; ++s) {
      const auto slope = static_cast<double>(slope_at(s, i));
      square = 0.99 * square + 0.01 * slope * slope;
      const double mean = square / (1.0 - std::pow(0.99, static_cast<double>(s + 1)));
      w -= 0.01 * slope / (std::sqrt(mean) + 1e-8);
    }
    EXPECT_NEAR(static_cast<double>(parameters[i]), w, 2e-5);
  }
}

TEST(Optimizer, ContinuesFromItsSavedState) {
  for (const OptimizerKind kind :
       {OptimizerKind::sgd, OptimizerKind::adam, OptimizerKind::rmsprop}) {
    LearnSettings settings;
    settings.optimizer = kind;
    Optimizer whole(settings, count);
    std::vector<float> expected(count, 1.0F);
    std::vector<float> gradient(count, 0.3F);
    for (int s = 0; s < 5; ++s) step(whole, expected, gradient);
    Archive saved;
    whole.exchange(saved);
    Optimizer resumed(settings, count);
    Archive reading(saved.bytes());
    resumed.exchange(reading);
    ASSERT_TRUE(reading.exhausted());
    std::vector<float> parameters = expected;
    step(whole, expected, gradient);
    step(resumed, parameters, gradient);
    EXPECT_EQ(parameters, expected);
  }
}

}  // namespace
}  // namespace haltere::learner
