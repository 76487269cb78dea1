#include "learner/explain.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::size_t inputs = 5;

/// Rows of noise of which inputs 1 and 3 alone say the class or the value.
OnlineModel learned(Task task) {
  ModelSettings settings = small_classifier(2);
  settings.task = task;
  if (task != Task::classify) settings.labels.clear();
  OnlineModel model = make_model(settings, inputs);
  models::Random random(20260109);
  for (int r = 0; r < 2500; ++r) {
    std::vector<float> row(inputs);
    for (float& value : row) value = random.symmetric();
    const float value = 3.0F * row[1] + row[3];
    model.observe(row, {value > 0.0F ? 1 : 0, value});
  }
  return model;
}

std::ptrdiff_t largest(const std::vector<double>& values) {
  return std::ranges::max_element(values) - values.begin();
}

TEST(PermutationImportance, RanksWhatTheAnswerDependsOn) {
  for (const Task task : {Task::classify, Task::regress}) {
    const OnlineModel model = learned(task);
    const std::vector<double> importance = permutation_importance(model);
    ASSERT_EQ(importance.size(), inputs);
    EXPECT_EQ(largest(importance), 1);
    EXPECT_GT(importance[1], 2.0 * importance[3]);
    for (const std::size_t idle : {0U, 2U, 4U}) EXPECT_LT(importance[idle], 0.5 * importance[3]);
  }
}

TEST(PermutationImportance, ChangesNothingAndRepeats) {
  const OnlineModel model = learned(Task::classify);
  const std::vector<std::uint8_t> before = model.save();
  EXPECT_EQ(permutation_importance(model, 7), permutation_importance(model, 7));
  EXPECT_EQ(model.save(), before);
}

TEST(PermutationImportance, IsZeroBeforeAnythingWasLearned) {
  const OnlineModel model = make_model(small_classifier(2), inputs);
  EXPECT_EQ(permutation_importance(model), std::vector<double>(inputs, 0.0));
}

TEST(ExplainAnswer, NamesTheInputThatDecidedAndItsDirection) {
  const OnlineModel model = learned(Task::classify);
  const std::vector<float> row{0.9F, 0.8F, -0.9F, -0.1F, 0.9F};
  std::vector<float> contributions(inputs);
  std::vector<float> scratch(inputs);
  explain_answer(model, row, 1, contributions, scratch);
  EXPECT_EQ(std::ranges::max_element(contributions) - contributions.begin(), 1);
  EXPECT_GT(contributions[1], 1.0F);
  EXPECT_LT(contributions[3], 0.0F);
  std::vector<float> against(inputs);
  explain_answer(model, row, 0, against, scratch);
  EXPECT_NEAR(against[1], -contributions[1], 1e-3F * std::abs(contributions[1]));
}

TEST(ExplainAnswer, GivesARegressionsPartsInItsUnit) {
  const OnlineModel model = learned(Task::regress);
  const std::vector<float> row{0.5F, 0.5F, 0.5F, -0.5F, 0.5F};
  std::vector<float> contributions(inputs);
  std::vector<float> scratch(inputs);
  explain_answer(model, row, 0, contributions, scratch);
  EXPECT_NEAR(contributions[1], 1.5F, 0.4F);
  EXPECT_NEAR(contributions[3], -0.5F, 0.4F);
  for (const std::size_t idle : {0U, 2U, 4U}) EXPECT_NEAR(contributions[idle], 0.0F, 0.3F);
}

}  // namespace
}  // namespace haltere::learner
