// What settings of `learn:` do to a model as it learns a stream.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "learner/online_model.hpp"
#include "models/random.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261121;
constexpr std::size_t inputs = 2;

ModelSettings regression() {
  ModelSettings settings;
  settings.task = Task::regress;
  settings.layers = {16};
  settings.learn.followers = false;
  return settings;
}

struct Row {
  std::vector<float> x;
  float y = 0.0F;
};

/// y = 3 a - 2 b + 10, with `noise`, uniform in ±1, times that.
std::vector<Row> plane(std::size_t count, float noise, std::uint64_t from) {
  models::Random random(from);
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<float> x{random.symmetric(), random.symmetric()};
    rows.push_back({x, 3.0F * x[0] - 2.0F * x[1] + 10.0F + noise * random.symmetric()});
  }
  return rows;
}

void learn_all(OnlineModel& model, const std::vector<Row>& rows) {
  for (const Row& row : rows) model.learn(row.x, {-1, row.y});
}

double mean_error(OnlineModel& model, const std::vector<Row>& rows) {
  double sum = 0.0;
  for (const Row& row : rows) sum += std::abs(static_cast<double>(model.ask(row.x).value - row.y));
  return sum / static_cast<double>(rows.size());
}

TEST(QuantileLoss, StaysAboveItsShareOfTheTruths) {
  for (const float share : {0.1F, 0.5F, 0.9F}) {
    ModelSettings settings = regression();
    settings.learn.loss = LossKind::quantile;
    settings.learn.loss_quantile = share;
    OnlineModel model = make_model(settings, inputs);
    learn_all(model, plane(4000, 2.0F, seed));
    std::size_t below = 0;
    const std::vector<Row> asked = plane(2000, 2.0F, seed + 1);
    for (const Row& row : asked) below += row.y < model.ask(row.x).value ? 1U : 0U;
    EXPECT_NEAR(static_cast<double>(below) / 2000.0, static_cast<double>(share), 0.07);
  }
}

/// One truth in twenty is wild; Huber's loss learns the rest as if these were hardly there.
TEST(HuberLoss, BearsWildTruths) {
  std::vector<Row> rows = plane(4000, 0.1F, seed);
  for (std::size_t i = 0; i < rows.size(); i += 20) rows[i].y += 60.0F;
  const auto error_with = [&](LossKind loss) {
    ModelSettings settings = regression();
    settings.learn.loss = loss;
    OnlineModel model = make_model(settings, inputs);
    learn_all(model, rows);
    return mean_error(model, plane(500, 0.0F, seed + 1));
  };
  EXPECT_LT(error_with(LossKind::huber), 0.6 * error_with(LossKind::squared));
}

TEST(FallingRate, ComesToRestCloser) {
  const auto run = [](RateSchedule schedule) {
    ModelSettings settings = regression();
    settings.learn.schedule = schedule;
    OnlineModel model = make_model(settings, inputs);
    learn_all(model, plane(12'000, 4.0F, seed));
    return mean_error(model, plane(500, 0.0F, seed + 1));
  };
  EXPECT_LT(run(RateSchedule::inverse_sqrt), run(RateSchedule::constant));
}

TEST(FallingRate, StartsAgainAtADrift) {
  const auto run = [](DriftKind detector) {
    ModelSettings settings = regression();
    settings.learn.schedule = RateSchedule::inverse_sqrt;
    settings.learn.replay = 0;
    settings.learn.drift.detector = detector;
    OnlineModel model = make_model(settings, inputs);
    for (const Row& row : plane(20'000, 1.0F, seed)) model.observe(row.x, {-1, row.y});
    double error_after = 0.0;
    for (const Row& row : plane(1000, 1.0F, seed + 1)) {
      const float moved = 25.0F - row.y;
      const Prediction answer = model.observe(row.x, {-1, moved});
      error_after += std::abs(static_cast<double>(answer.value - moved));
    }
    return error_after;
  };
  EXPECT_LT(run(DriftKind::adwin), run(DriftKind::off));
}

/// The body of a model learned before stays to the bit, the last layers follow what changed.
TEST(FrozenLayers, KeepTheirWeightsWhileTheRestLearns) {
  for (const std::size_t replay : {std::size_t{0}, std::size_t{128}}) {
    ModelSettings settings = regression();
    settings.layers = {16, 8};
    settings.learn.replay = replay;
    OnlineModel before = make_model(settings, inputs);
    learn_all(before, plane(3000, 0.0F, seed));
    settings.learn.frozen_layers = 1;
    OnlineModel tuned = make_model(settings, inputs);
    ASSERT_TRUE(tuned.restore(before.save()).ok());
    std::vector<Row> moved = plane(3000, 0.0F, seed + 1);
    for (Row& row : moved) row.y = 20.0F - row.y;
    const double unfit = mean_error(tuned, moved);
    learn_all(tuned, moved);
    EXPECT_LT(mean_error(tuned, moved), 0.3 * unfit);
    const auto old_body = before.network().layer(0).weights;
    const auto new_body = tuned.network().layer(0).weights;
    EXPECT_TRUE(std::ranges::equal(old_body, new_body));
    EXPECT_FALSE(
        std::ranges::equal(before.network().layer(1).weights, tuned.network().layer(1).weights));
  }
}

TEST(FrozenLayers, AreAtMostTheHiddenOnes) {
  ModelSettings settings = regression();
  settings.learn.frozen_layers = 2;
  const Status checked = check(settings);
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().message.find("frozen_layers"), std::string::npos);
}

}  // namespace
}  // namespace haltere::learner
