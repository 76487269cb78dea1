#include "config/text.hpp"
#include "config/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace haltere::config {
namespace {

TEST(AsWritten, printsLikeTheFloatAndReadsBackAsIt) {
  EXPECT_EQ(nlohmann::json(as_written(0.004F)).dump(), "0.004");
  EXPECT_EQ(nlohmann::json(as_written(0.9909911F)).dump(), "0.9909911");
  EXPECT_EQ(nlohmann::json(as_written(-3.0F)).dump(), "-3.0");
  std::mt19937 random(7);
  std::uniform_real_distribution<float> exponents(-30.0F, 30.0F);
  for (int i = 0; i < 1000; ++i) {
    const float value = std::pow(10.0F, exponents(random));
    EXPECT_EQ(static_cast<float>(as_written(value)), value);
  }
}

TEST(AsWritten, leavesWhatIsNoNumber) {
  EXPECT_TRUE(std::isnan(as_written(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_EQ(as_written(std::numeric_limits<float>::infinity()),
            std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace haltere::config
