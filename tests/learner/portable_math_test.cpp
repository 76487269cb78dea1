#include "learner/portable_math.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace haltere::learner {
namespace {

TEST(PortableMath, AgreesWithTheLibraryToRounding) {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    const double truth = std::log(x);
    EXPECT_NEAR(portable_log(x), truth, 4e-16 * (1.0 + std::abs(truth))) << x;
  }
  for (double x = -690.0; x < 690.0; x += 0.7310585) {
    const double truth = std::exp(x);
    EXPECT_NEAR(portable_exp(x) / truth, 1.0, 1e-15) << x;
  }
}

TEST(PortableMath, IsExactWhereTheResultIs) {
  EXPECT_EQ(portable_log(1.0), 0.0);
  EXPECT_EQ(portable_exp(0.0), 1.0);
  EXPECT_EQ(portable_exp(1e9), portable_exp(700.0));
  EXPECT_EQ(portable_exp(-1e9), portable_exp(-700.0));
}

}  // namespace
}  // namespace haltere::learner
