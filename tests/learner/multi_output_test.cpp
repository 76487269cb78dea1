// Regressions of several targets, and with intervals beside their answers.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "learner/candidate.hpp"
#include "learner/promotion.hpp"
#include "models/recipe.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261124;
constexpr std::size_t inputs = 2;

ModelSettings regression(std::size_t targets) {
  ModelSettings settings;
  settings.task = Task::regress;
  settings.layers = {16};
  settings.targets = targets;
  settings.learn.replay = 256;
  return settings;
}

struct Row {
  std::vector<float> x;
  Target y;
};

/// y0 = 3 a - 2 b + 10; y1 = 1000 a b; y2 = -a, each with `noise`, uniform, of about its own size.
std::vector<Row> rows(std::size_t count, float noise, std::uint64_t from) {
  models::Random random(from);
  std::vector<Row> made;
  for (std::size_t i = 0; i < count; ++i) {
    const float a = random.symmetric();
    const float b = random.symmetric();
    Target y{.label = -1, .value = 3.0F * a - 2.0F * b + 10.0F + noise * random.symmetric()};
    y.others[0] = 1000.0F * (a * b + noise * random.symmetric());
    y.others[1] = -a + noise * random.symmetric();
    made.push_back({{a, b}, y});
  }
  return made;
}

OnlineModel learned(const ModelSettings& settings, std::size_t count, float noise) {
  OnlineModel model = make_model(settings, inputs);
  for (const Row& row : rows(count, noise, seed)) model.observe(row.x, row.y);
  return model;
}

TEST(MultiOutput, LearnsEachTargetInItsUnit) {
  const OnlineModel model = learned(regression(3), 4000, 0.0F);
  for (std::size_t t = 0; t < 3; ++t) EXPECT_GT(model.regression_metrics(t).recent().r2(), 0.97);
  const Prediction answer = model.ask(std::vector<float>{0.5F, 0.5F});
  EXPECT_NEAR(value_at(answer, 0), 10.5F, 0.4F);
  EXPECT_NEAR(value_at(answer, 1), 250.0F, 100.0F);  // its deviation is 333
  EXPECT_NEAR(value_at(answer, 2), -0.5F, 0.1F);
}

TEST(MultiOutput, RefusesRowsOfWhichATargetIsNotFinite) {
  OnlineModel model = make_model(regression(3), inputs);
  Target target{.label = -1, .value = 1.0F};
  target.others[1] = std::nanf("");
  EXPECT_FALSE(model.is_learnable(std::vector<float>{0.0F, 0.0F}, target));
  OnlineModel two = make_model(regression(2), inputs);
  EXPECT_TRUE(two.is_learnable(std::vector<float>{0.0F, 0.0F}, target));
}

TEST(MultiOutput, ResumesToTheBit) {
  ModelSettings settings = regression(3);
  settings.learn.interval = 0.8F;
  OnlineModel whole = learned(settings, 500, 0.3F);
  OnlineModel resumed = make_model(settings, inputs);
  ASSERT_TRUE(resumed.restore(whole.save()).ok());
  for (const Row& row : rows(300, 0.3F, seed + 1)) {
    const Prediction expected = whole.observe(row.x, row.y);
    const Prediction given = resumed.observe(row.x, row.y);
    ASSERT_EQ(given.value, expected.value);
    ASSERT_EQ(given.others, expected.others);
  }
  EXPECT_TRUE(std::ranges::equal(whole.network().parameters(), resumed.network().parameters()));
  EXPECT_FALSE(make_model(regression(3), inputs).restore(whole.save()).ok())
      << "a model without intervals has fewer outputs";
}

/// Of truths that come after, the share that was asked for lies inside, whatever it is, and a wider
/// share makes a wider interval.
TEST(MultiOutput, IntervalsHoldTheirShareOfTheTruths) {
  double narrower = 0.0;
  for (const float share : {0.5F, 0.9F}) {
    ModelSettings settings = regression(2);
    settings.learn.interval = share;
    settings.learn.replay = 1024;  // of fewer, what lies between is learned by heart
    OnlineModel model = learned(settings, 4000, 0.5F);
    for (std::size_t t = 0; t < 2; ++t) {
      double inside = 0.0;
      const std::vector<Row> later = rows(2000, 0.5F, seed + 2);
      for (const Row& row : later) {
        const Prediction answer = model.ask(row.x);
        inside += value_at(answer, 2 + t) <= value_at(row.y, t) &&
                          value_at(row.y, t) <= value_at(answer, 4 + t)
                      ? 1.0
                      : 0.0;
      }
      EXPECT_NEAR(inside / 2000.0, static_cast<double>(share), 0.1) << "target " << t;
      EXPECT_NEAR(model.interval_metrics(t).coverage(), static_cast<double>(share), 0.03);
    }
    EXPECT_GT(model.interval_metrics(1).width(), 1.2 * narrower);
    narrower = model.interval_metrics(1).width();
  }
}

/// When noise grows, intervals hold as many truths as before once they have followed.
TEST(MultiOutput, IntervalsFollowTheNoise) {
  ModelSettings settings = regression(1);
  settings.learn.interval = 0.9F;
  OnlineModel model = learned(settings, 3000, 0.2F);
  double inside = 0.0;
  const std::vector<Row> later = rows(4000, 0.8F, seed + 4);
  for (std::size_t i = 0; i < later.size(); ++i) {
    const Prediction answer = model.observe(later[i].x, later[i].y);
    if (i < 2000) continue;
    inside += value_at(answer, 1) <= later[i].y.value && later[i].y.value <= value_at(answer, 2);
  }
  EXPECT_NEAR(inside / 2000.0, 0.9, 0.02);
}

CandidateInfo info() {
  CandidateInfo made;
  made.model_id = "plane";
  made.target_name = {"level", "a name that is too long", "slope"};
  made.recipe = *models::table_recipe(std::vector<std::string>{"a", "b"});
  return made;
}

TEST(MultiOutput, Int8AnswersEveryOutput) {
  ModelSettings settings = regression(3);
  settings.learn.interval = 0.8F;
  const OnlineModel model = learned(settings, 3000, 0.2F);
  const Result<models::Bundle> bundle = make_candidate(model, info());
  ASSERT_TRUE(bundle.ok()) << bundle.error().message;
  EXPECT_EQ(bundle->labels,
            (std::vector<std::string>{"level", "a name that is t", "slope", "level low",
                                      "a name that  low", "slope low", "level high",
                                      "a name that high", "slope high"}));
  models::Int8Model int8 = models::Int8Model::create(*models::encode(*bundle)).value();
  for (const Row& row : rows(200, 0.0F, seed + 3)) {
    const Prediction exact = model.ask(row.x);
    const Prediction given = predict_int8(int8, row.x);
    for (std::size_t o = 0; o < 9; ++o)
      EXPECT_NEAR(value_at(given, o), value_at(exact, o), 0.35F * model.target_deviation()[o % 3]);
  }
}

/// A candidate's errors count in each target's deviations: one target in large units does not
/// outvote the others.
TEST(MultiOutput, IsPromotedByAllItsTargets) {
  Promotion promotion({.after = 100, .if_better_by = 0.01}, info());
  OnlineModel model = make_model(regression(3), inputs);
  std::size_t promoted = 0;
  for (const Row& row : rows(1500, 0.0F, seed)) {
    const auto winner = promotion.observe(model, row.x, row.y, 0);
    ASSERT_TRUE(winner.ok()) << winner.error().message;
    promoted += winner->has_value() ? 1U : 0U;
    model.observe(row.x, row.y);
  }
  EXPECT_GE(promoted, 2U);
}

TEST(MultiOutput, BoundsTheNumberOfValues) {
  ModelSettings settings = regression(max_values);
  EXPECT_TRUE(check(settings).ok());
  settings.learn.interval = 0.9F;
  EXPECT_NE(check(settings).error().message.find("targets"), std::string::npos);
  settings.targets = max_values / 3;
  EXPECT_TRUE(check(settings).ok());
  settings.targets = 0;
  EXPECT_FALSE(check(settings).ok());
}

}  // namespace
}  // namespace haltere::learner
