#include "learner/online_normaliser.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

TEST(OnlineNormaliser, IsTheExactMeanAndDeviationAtFirst) {
  OnlineNormaliser normaliser(1, 1000);
  for (const float value : {2.0F, 4.0F, 4.0F, 4.0F, 5.0F, 5.0F, 7.0F, 9.0F})
    normaliser.update({&value, 1});
  EXPECT_FLOAT_EQ(normaliser.mean()[0], 5.0F);
  EXPECT_FLOAT_EQ(normaliser.deviation()[0], 2.0F);
}

TEST(OnlineNormaliser, IsPreciseFarFromZero) {
  OnlineNormaliser normaliser(1, 100'000);
  models::Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    const float value = 101'325.0F + 10.0F * random.symmetric();
    normaliser.update({&value, 1});
  }
  EXPECT_NEAR(normaliser.mean()[0], 101'325.0F, 0.2F);
  EXPECT_NEAR(normaliser.deviation()[0], 10.0F / std::sqrt(3.0F), 0.1F);
}

TEST(OnlineNormaliser, FollowsALastingChange) {
  OnlineNormaliser normaliser(1, 100);
  models::Random random(8);
  for (int i = 0; i < 2000; ++i) {
    const float value = (i < 1000 ? 0.0F : 50.0F) + random.symmetric();
    normaliser.update({&value, 1});
  }
  EXPECT_NEAR(normaliser.mean()[0], 50.0F, 0.5F);
  EXPECT_LT(normaliser.deviation()[0], 1.0F);
}

TEST(OnlineNormaliser, LeavesAConstantFeatureAtZero) {
  OnlineNormaliser normaliser(1, 100);
  const float constant = 0.1F;
  for (int i = 0; i < 50; ++i) normaliser.update({&constant, 1});
  float out = 1.0F;
  normaliser.apply({&constant, 1}, {&out, 1});
  EXPECT_EQ(normaliser.deviation()[0], 1.0F);
  EXPECT_EQ(out, 0.0F);
}

TEST(OnlineNormaliser, LimitsOutliers) {
  OnlineNormaliser normaliser(1, 100);
  for (int i = 0; i < 20; ++i) {
    const float value = i % 2 == 0 ? -1.0F : 1.0F;
    normaliser.update({&value, 1});
  }
  const float huge = 1e12F;
  float out = 0.0F;
  normaliser.apply({&huge, 1}, {&out, 1});
  EXPECT_EQ(out, normalised_limit);
}

TEST(OnlineNormaliser, TrustsItsFirstRowsLittle) {
  OnlineNormaliser normaliser(1, 100);
  const float huge = 500.0F;
  float out = 1.0F;
  normaliser.apply({&huge, 1}, {&out, 1});
  EXPECT_EQ(out, 0.0F);
  for (const float value : {1.0F, 1.001F}) normaliser.update({&value, 1});
  normaliser.apply({&huge, 1}, {&out, 1});
  EXPECT_EQ(out, 0.5F);
}

TEST(OnlineNormaliser, CallsUnusableWhatIsNotFiniteOrAbsurd) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(is_usable(std::array{0.0F, -1e15F, 1e-30F}));
  EXPECT_FALSE(is_usable(std::array{0.0F, std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_FALSE(is_usable(std::array{inf}));
  EXPECT_FALSE(is_usable(std::array{-inf}));
  EXPECT_FALSE(is_usable(std::array{1e30F}));
}

}  // namespace
}  // namespace haltere::learner
