#include "learner/prototypes.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

const std::vector<float> units{1.0F, 10.0F};

/// Four clouds at the corners of a rectangle.
std::vector<float> make_row(models::Random& random) {
  const std::size_t corner = random.below(4);
  return {(corner % 2 == 0 ? -5.0F : 5.0F) + 0.3F * random.symmetric(),
          (corner / 2 == 0 ? -50.0F : 50.0F) + 3.0F * random.symmetric()};
}

Prototypes learned(int rows) {
  Prototypes prototypes(2, 8);
  models::Random random(1);
  for (int i = 0; i < rows; ++i) prototypes.update(make_row(random), units);
  return prototypes;
}

TEST(Prototypes, CoverEveryCloudAndNothingBetween) {
  const Prototypes prototypes = learned(2000);
  EXPECT_LE(prototypes.size(), 8U);
  models::Random random(2);
  for (int i = 0; i < 200; ++i) EXPECT_LT(prototypes.score(make_row(random), units), 1.0F);
  EXPECT_GT(prototypes.score(std::vector<float>{0.0F, 0.0F}, units), 15.0F);
}

TEST(Prototypes, StayWithinTheirNumberWhateverComes) {
  Prototypes prototypes(2, 8);
  models::Random random(3);
  float scale = 1e-3F;
  for (int i = 0; i < 3000; ++i) {
    if (i % 100 == 0) scale *= 1.5F;
    prototypes.update(std::vector<float>{scale * random.symmetric(), scale * random.symmetric()},
                      units);
    ASSERT_LE(prototypes.size(), prototypes.capacity());
    ASSERT_GT(prototypes.size(), 0U);
  }
}

TEST(Prototypes, ContributionsSumToTheScore) {
  const Prototypes prototypes = learned(500);
  const std::vector<float> row{5.0F, 90.0F};
  std::vector<float> parts(2);
  prototypes.contributions(row, units, parts);
  EXPECT_FLOAT_EQ(parts[0] + parts[1], prototypes.score(row, units));
  EXPECT_GT(parts[1], 0.9F * prototypes.score(row, units));
}

TEST(Prototypes, GoOnAsIfNeverStopped) {
  Prototypes whole = learned(77);
  Archive out;
  whole.exchange(out);
  Prototypes resumed(2, 8);
  Archive in(out.bytes());
  resumed.exchange(in);
  ASSERT_TRUE(in.exhausted());
  models::Random random(6);
  for (int i = 0; i < 300; ++i) {
    const std::vector<float> row = make_row(random);
    ASSERT_EQ(whole.score(row, units), resumed.score(row, units));
    whole.update(row, units);
    resumed.update(row, units);
  }
}

}  // namespace
}  // namespace haltere::learner
