#include "learner/quantile.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

TEST(FadingQuantile, IsWithinABinOfTheTruth) {
  FadingQuantile quantile(1e6);
  models::Random random(1);
  for (int i = 0; i < 50'000; ++i) quantile.add(1.0F + random.symmetric());  // uniform in 0..2
  EXPECT_NEAR(quantile.at(0.5), 1.0F, 0.04F);
  EXPECT_NEAR(quantile.at(0.9), 1.8F, 0.06F);
  EXPECT_NEAR(quantile.at(0.99), 1.98F, 0.07F);
}

TEST(FadingQuantile, ForgetsOldScores) {
  FadingQuantile quantile(100.0);
  for (int i = 0; i < 1000; ++i) quantile.add(100.0F);
  for (int i = 0; i < 2000; ++i) quantile.add(1.0F);
  EXPECT_NEAR(quantile.at(0.99), 1.0F, 0.04F);
}

TEST(FadingQuantile, StaysFiniteInAnEndlessStream) {
  FadingQuantile quantile(10.0);  // weights grow 7 % a score: rescaled often
  for (int i = 0; i < 100'000; ++i) quantile.add(3.0F);
  EXPECT_NEAR(quantile.at(0.5), 3.0F, 0.1F);
}

TEST(FadingQuantile, TakesZeroAndHugeScores) {
  FadingQuantile quantile(1000.0);
  EXPECT_EQ(quantile.at(0.5), 0.0F);
  quantile.add(0.0F);
  EXPECT_LT(quantile.at(0.5), 1e-8F);
  for (int i = 0; i < 100; ++i) quantile.add(std::numeric_limits<float>::max());
  EXPECT_GT(quantile.at(0.9), 1e8F);
}

}  // namespace
}  // namespace haltere::learner
