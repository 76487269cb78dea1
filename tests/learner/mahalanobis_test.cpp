#include "learner/mahalanobis.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

/// Two inputs that move together, and one, a million times as large, that does not.
std::vector<float> make_row(models::Random& random) {
  const float common = random.symmetric();
  return {10.0F + common, 5.0F + common + 0.1F * random.symmetric(), 1e6F * random.symmetric()};
}

Mahalanobis learned(int rows, std::uint64_t seed = 1) {
  Mahalanobis model(3);
  models::Random random(seed);
  for (int i = 0; i < rows; ++i) model.update(make_row(random));
  return model;
}

TEST(Mahalanobis, ScoresRowsLikeThoseLearnedAboutOne) {
  Mahalanobis model = learned(3000);
  models::Random random(2);
  double sum = 0.0;
  for (int i = 0; i < 2000; ++i) sum += static_cast<double>(model.score(make_row(random)));
  EXPECT_NEAR(sum / 2000.0, 0.9, 0.25);  // shrunk correlations make the common motion cheaper
}

TEST(Mahalanobis, SeesARelationBrokenThatNoInputShowsAlone) {
  Mahalanobis model = learned(3000);
  const std::vector<float> apart{10.7F, 4.3F, 0.0F};
  const std::vector<float> together{10.7F, 5.7F, 0.0F};
  EXPECT_GT(model.score(apart), 5.0F * model.score(together));
}

TEST(Mahalanobis, ContributionsSumToTheScoreAndNameTheInput) {
  Mahalanobis model = learned(3000);
  const std::vector<float> row{10.1F, 5.0F, 5e6F};
  std::vector<float> parts(3);
  model.contributions(row, parts);
  const float sum = std::accumulate(parts.begin(), parts.end(), 0.0F);
  EXPECT_NEAR(sum / model.score(row), 1.0F, 1e-4F);
  EXPECT_GT(parts[2], 0.95F * sum);
}

TEST(Mahalanobis, OutliersHardlyMoveIt) {
  Mahalanobis clean = learned(2000);
  Mahalanobis spoilt = learned(2000);
  models::Random random(3);
  for (int i = 0; i < 100; ++i) {
    std::vector<float> row = make_row(random);
    clean.update(row);
    row[0] += 1000.0F;
    spoilt.update(row);
  }
  EXPECT_LT(spoilt.deviation(0), 2.0 * clean.deviation(0));
  EXPECT_NEAR(spoilt.mean()[0], clean.mean()[0], 0.5);
}

TEST(Mahalanobis, StaysFiniteOnConstantsAndCopies) {
  Mahalanobis model(3);
  for (int i = 0; i < 200; ++i) {
    const auto value = static_cast<float>(i % 7);
    model.update(std::vector<float>{5.0F, value, value});
  }
  EXPECT_LT(model.score(std::vector<float>{5.0F, 3.0F, 3.0F}), 3.0F);
  const float moved = model.score(std::vector<float>{6.0F, 3.0F, 3.0F});
  EXPECT_GT(moved, 10.0F);
  EXPECT_TRUE(std::isfinite(moved));
  EXPECT_TRUE(std::isfinite(model.score(std::vector<float>{1e15F, -1e15F, 1e15F})));
}

TEST(Mahalanobis, KeepsVariancesOnlyWhenThereAreManyInputs) {
  const std::size_t inputs = Mahalanobis::full_inputs + 1;
  Mahalanobis model(inputs);
  models::Random random(4);
  std::vector<float> row(inputs);
  for (int i = 0; i < 500; ++i) {
    for (float& value : row) value = random.symmetric();
    model.update(row);
  }
  for (float& value : row) value = 0.0F;
  row[7] = 10.0F;
  std::vector<float> parts(inputs);
  model.contributions(row, parts);
  EXPECT_GT(parts[7], 0.95F * model.score(row));
}

TEST(Mahalanobis, GoesOnAsIfNeverStopped) {
  Mahalanobis whole = learned(123);
  Archive out;
  whole.exchange(out);
  Mahalanobis resumed(3);
  Archive in(out.bytes());
  resumed.exchange(in);
  ASSERT_TRUE(in.exhausted());
  models::Random random(6);
  for (int i = 0; i < 100; ++i) {
    const std::vector<float> row = make_row(random);
    ASSERT_EQ(whole.score(row), resumed.score(row));
    whole.update(row);
    resumed.update(row);
  }
}

}  // namespace
}  // namespace haltere::learner
