#include "learner/followers.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20260104;

/// Clouds whose labels all move on by one every `period` rows, so that what was learned is wrong.
Stream make_moving_clouds(std::size_t period) {
  Stream stream = make_clouds(3, 800, false, seed);
  for (std::size_t i = 0; i < stream.targets.size(); ++i)
    stream.targets[i].label = (stream.targets[i].label + static_cast<int>(i / period)) % 3;
  return stream;
}

double prequential_accuracy(bool followers, const Stream& stream) {
  ModelSettings settings = small_classifier(3);
  settings.learn.followers = followers;
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  return model.class_metrics().all().accuracy();
}

TEST(Followers, KeepUpWithAStreamThatChanges) {
  const Stream stream = make_moving_clouds(300);
  EXPECT_GT(prequential_accuracy(true, stream), prequential_accuracy(false, stream) + 0.1);
}

TEST(Followers, CostLittleWhereTheStreamStays) {
  const Stream stream = make_clouds(3, 800, false, seed);
  EXPECT_GT(prequential_accuracy(true, stream), prequential_accuracy(false, stream) - 0.005);
}

TEST(Followers, LeaveTheSteadyNetAsItWouldBeWithoutThem) {
  const Stream stream = make_moving_clouds(300);
  OnlineModel with = make_model(small_classifier(3), stream.inputs);
  ModelSettings alone = small_classifier(3);
  alone.learn.followers = false;
  OnlineModel without = make_model(alone, stream.inputs);
  learn_all(with, stream, 0, stream.rows.size());
  learn_all(without, stream, 0, stream.rows.size());
  EXPECT_TRUE(std::ranges::equal(with.network().parameters(), without.network().parameters()));
  EXPECT_TRUE(without.weights().empty());
  EXPECT_GT(with.drift().drifts(), 0U);
  EXPECT_EQ(with.drift().drifts(), without.drift().drifts());
}

TEST(Followers, WeighOneInAllWithTheSteadyNet) {
  const Stream stream = make_moving_clouds(300);
  OnlineModel model = make_model(small_classifier(3), stream.inputs);
  learn_all(model, stream, 0, 350);  // the change has just come
  EXPECT_NEAR(std::reduce(model.weights().begin(), model.weights().end()), 1.0F, 1e-5F);
  EXPECT_LT(model.weights()[0], 0.1F);
}

TEST(Followers, AreNotAskedOnceLabelsStop) {
  const Stream stream = make_moving_clouds(300);
  OnlineModel model = make_model(small_classifier(3), stream.inputs);
  learn_all(model, stream, 0, 350);
  std::size_t different = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const Prediction together = model.predict(stream.rows[i]);
    const Prediction steady = model.predict_steady(stream.rows[i]);
    if (i < Followers::longest_trust) {
      different += together.confidence != steady.confidence ? 1U : 0U;
    } else {
      EXPECT_EQ(together.label, steady.label);
      EXPECT_EQ(together.confidence, steady.confidence);
    }
  }
  EXPECT_GT(different, 0U);
}

TEST(Followers, AnAnomalyModelHasNone) {
  ModelSettings settings = small_classifier(3);
  settings.task = Task::anomaly;
  settings.labels.clear();
  const OnlineModel model = make_model(settings, 6);
  EXPECT_TRUE(model.weights().empty());
}

}  // namespace
}  // namespace haltere::learner
