// Shapes and rates chosen by the stream.
#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261123;

ModelSettings choosing(bool layers, bool rate) {
  ModelSettings settings = small_classifier(3);
  settings.auto_layers = layers;
  settings.learn.auto_rate = rate;
  return settings;
}

std::size_t alive(const OnlineModel& model) {
  return static_cast<std::size_t>(
      std::ranges::count(model.tried(), true, &OnlineModel::Tried::alive));
}

TEST(Auto, TriesCandidatesAndKeepsOne) {
  const Stream stream = make_clouds(3, 400, false, seed);
  OnlineModel model = make_model(choosing(true, true), stream.inputs);
  EXPECT_EQ(model.tried().size(), 6U);
  EXPECT_EQ(alive(model), 6U);
  learn_all(model, stream, 0, 256);
  EXPECT_EQ(alive(model), 3U);
  learn_all(model, stream, 256, 512);
  EXPECT_EQ(alive(model), 2U);
  learn_all(model, stream, 512, 1024);
  EXPECT_EQ(alive(model), 1U);
  EXPECT_EQ(model.tried().front().layers, model.settings().layers);
  EXPECT_EQ(model.tried().front().rate, model.settings().learn.rate);
  EXPECT_LE(model.tried()[0].loss, model.tried()[1].loss);
  EXPECT_EQ(model.class_metrics().all().total(), 1024.0) << "what was answered stays counted";
}

TEST(Auto, FindsTheRateThatASlowOneNeeds) {
  const Stream stream = make_clouds(4, 400, false, seed);
  ModelSettings slow = small_classifier(4);
  slow.learn.rate = 0.00025F;
  slow.learn.followers = false;
  OnlineModel fixed = make_model(slow, stream.inputs);
  slow.learn.auto_rate = true;
  OnlineModel choosing = make_model(slow, stream.inputs);
  learn_all(fixed, stream, 0, stream.rows.size());
  learn_all(choosing, stream, 0, stream.rows.size());
  EXPECT_FLOAT_EQ(choosing.settings().learn.rate, 0.001F);
  EXPECT_GT(choosing.class_metrics().all().accuracy(), fixed.class_metrics().all().accuracy());
}

TEST(Auto, ResumesAmongItsCandidatesAndAfterTheChoice) {
  const Stream stream = make_clouds(3, 400, false, seed);
  OnlineModel whole = make_model(choosing(true, true), stream.inputs);
  learn_all(whole, stream, 0, 200);
  // Over a row where candidates leave, twice, and over that where one is left.
  for (const auto& [stop, end] : {std::pair(200U, 300U), {300U, 600U}, {600U, 1100U}}) {
    OnlineModel resumed = make_model(choosing(true, true), stream.inputs);
    ASSERT_TRUE(resumed.restore(whole.save()).ok()) << stop;
    learn_all(whole, stream, stop, end);
    learn_all(resumed, stream, stop, end);
    EXPECT_EQ(resumed.save(), whole.save()) << stop;
    EXPECT_EQ(resumed.settings().layers, whole.settings().layers);
  }
  EXPECT_EQ(alive(whole), 1U) << "the choice was made meanwhile";
}

TEST(Auto, ACheckpointOfOtherSettingsIsRefused) {
  const Stream stream = make_clouds(3, 50, false, seed);
  OnlineModel choosing_model = make_model(choosing(true, false), stream.inputs);
  learn_all(choosing_model, stream, 0, 100);
  OnlineModel fixed = make_model(small_classifier(3), stream.inputs);
  EXPECT_FALSE(fixed.restore(choosing_model.save()).ok());
  EXPECT_FALSE(choosing_model.restore(fixed.save()).ok());
}

TEST(Auto, AnomalyModelsHaveNothingToChooseBy) {
  ModelSettings settings = choosing(true, true);
  settings.task = Task::anomaly;
  settings.labels.clear();
  const OnlineModel model = make_model(settings, 6);
  EXPECT_TRUE(model.tried().empty());
  EXPECT_EQ(model.settings().layers, anomaly_layers);
}

}  // namespace
}  // namespace haltere::learner
