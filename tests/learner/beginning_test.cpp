// Learning on from what an int8 bundle holds of another model.
#include "learner/beginning.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "learner/candidate.hpp"
#include "models/recipe.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261122;

/// A model that knows `stream`, as its bundle leaves it.
Beginning learned(const Stream& stream, const ModelSettings& settings) {
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  CandidateInfo info;
  info.model_id = "before";
  info.recipe = models::plain_recipe(stream.inputs, kernels::TensorType::float32,
                                     kernels::TensorType::float32)
                    .value();
  return beginning_of(make_candidate(model, info).value()).value();
}

double steady_accuracy(OnlineModel& model, const Stream& stream) {
  double hits = 0.0;
  for (std::size_t i = 0; i < stream.rows.size(); ++i)
    hits += model.predict_steady(stream.rows[i]).label == stream.targets[i].label ? 1.0 : 0.0;
  return hits / static_cast<double>(stream.rows.size());
}

std::vector<float> weights_of(const OnlineModel& model, std::size_t layer) {
  const models::DenseLayer dense = model.network().layer(layer);
  return {dense.weights.begin(), dense.weights.end()};
}

TEST(Beginning, AnswersBeforeItLearns) {
  const Stream stream = make_clouds(4, 300, false, seed);
  const ModelSettings settings = small_classifier(4);
  OnlineModel model = make_model(settings, stream.inputs);
  ASSERT_LT(steady_accuracy(model, stream), 0.6);
  ASSERT_TRUE(model.begin_from(learned(stream, settings)).ok());
  EXPECT_EQ(model.taken_over().hidden_layers, settings.layers.size());
  EXPECT_EQ(model.taken_over().outputs, 4U);
  EXPECT_GT(steady_accuracy(model, stream), 0.95);
}

TEST(Beginning, FindsOutputsByTheirNames) {
  const Stream stream = make_clouds(4, 300, false, seed);
  ModelSettings settings = small_classifier(4);
  const Beginning beginning = learned(stream, settings);
  std::ranges::reverse(settings.labels);
  settings.labels.front() = "new";
  OnlineModel model = make_model(settings, stream.inputs);
  ASSERT_TRUE(model.begin_from(beginning).ok());
  EXPECT_EQ(model.taken_over().outputs, 3U);
  const models::DenseLayer last = model.network().layer(settings.layers.size());
  const models::DenseLayer before = beginning.network.layer(settings.layers.size());
  for (std::size_t o = 1; o < 4; ++o)
    EXPECT_EQ(last.layer_bias[o], before.layer_bias[3 - o]) << settings.labels[o];
}

TEST(Beginning, FrozenLayersAndTheScalesBeforeThemStay) {
  const Stream stream = make_clouds(4, 300, false, seed);
  ModelSettings settings = small_classifier(4);
  const Beginning beginning = learned(stream, settings);
  settings.learn.frozen_layers = settings.layers.size();
  settings.learn.drift.reaction = DriftReaction::reset_normalisation;
  OnlineModel model = make_model(settings, stream.inputs);
  ASSERT_TRUE(model.begin_from(beginning).ok());
  Stream moved = make_clouds(4, 300, false, seed + 1);
  for (std::vector<float>& row : moved.rows)
    for (float& value : row) value *= 1.2F;
  const std::vector<float> output = weights_of(model, settings.layers.size());
  const double before = steady_accuracy(model, moved);
  learn_all(model, moved, 0, moved.rows.size());
  for (std::size_t l = 0; l < settings.layers.size(); ++l)
    EXPECT_EQ(weights_of(model, l), std::vector<float>(beginning.network.layer(l).weights.begin(),
                                                       beginning.network.layer(l).weights.end()));
  EXPECT_NE(weights_of(model, settings.layers.size()), output);
  for (std::size_t i = 0; i < stream.inputs; ++i) {
    EXPECT_EQ(model.input_mean()[i], beginning.mean[i]);
    EXPECT_NEAR(model.input_deviation()[i], beginning.deviation[i], 1e-6F);
  }
  EXPECT_GT(steady_accuracy(model, moved), before);
}

TEST(Beginning, WithoutFrozenLayersAllLearns) {
  const Stream stream = make_clouds(4, 300, false, seed);
  const ModelSettings settings = small_classifier(4);
  const Beginning beginning = learned(stream, settings);
  OnlineModel model = make_model(settings, stream.inputs);
  ASSERT_TRUE(model.begin_from(beginning).ok());
  learn_all(model, stream, 0, 50);
  EXPECT_NE(weights_of(model, 0), std::vector<float>(beginning.network.layer(0).weights.begin(),
                                                     beginning.network.layer(0).weights.end()));
}

TEST(Beginning, RefusesAnotherShape) {
  const Stream stream = make_clouds(4, 50, false, seed);
  ModelSettings settings = small_classifier(4);
  const Beginning beginning = learned(stream, settings);
  settings.layers.push_back(3);
  OnlineModel deeper = make_model(settings, stream.inputs);
  const Status refused = deeper.begin_from(beginning);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
}

TEST(Beginning, TakesTheScaleOfItsTargets) {
  ModelSettings settings = small_classifier(0);
  settings.labels.clear();
  settings.task = Task::regress;
  settings.activation = models::Activation::relu;
  Stream stream = make_clouds(2, 400, false, seed);
  for (std::size_t i = 0; i < stream.rows.size(); ++i)
    stream.targets[i].value = 100.0F + 20.0F * stream.rows[i][0];
  const Beginning beginning = learned(stream, settings);
  OnlineModel model = make_model(settings, stream.inputs);
  ASSERT_TRUE(model.begin_from(beginning).ok());
  double error = 0.0;
  for (std::size_t i = 0; i < stream.rows.size(); ++i)
    error += std::abs(
        static_cast<double>(model.predict_steady(stream.rows[i]).value - stream.targets[i].value));
  EXPECT_LT(error / static_cast<double>(stream.rows.size()), 4.0);
}

}  // namespace
}  // namespace haltere::learner
