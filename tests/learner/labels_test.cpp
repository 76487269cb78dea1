// Labels that are new, missing, taken back, and rows that no label fits.
#include <vector>

#include <gtest/gtest.h>

#include "learner/candidate.hpp"
#include "models/recipe.hpp"
#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20261122;

ModelSettings growing(std::size_t classes) {
  ModelSettings settings = small_classifier(classes);
  settings.learn.new_labels = true;
  return settings;
}

/// Share of the rows of class `label` in `stream` that the steady net answers.
double recall(OnlineModel& model, const Stream& stream, int label) {
  double hits = 0.0;
  double rows = 0.0;
  for (std::size_t i = 0; i < stream.rows.size(); ++i) {
    if (stream.targets[i].label != label) continue;
    rows += 1.0;
    hits += model.predict_steady(stream.rows[i]).label == label ? 1.0 : 0.0;
  }
  return hits / rows;
}

TEST(NewLabels, GrowTheNetWithoutForgetting) {
  const Stream stream = make_clouds(4, 300, true, seed);
  OnlineModel model = make_model(growing(3), stream.inputs);
  learn_all(model, stream, 0, 900);
  std::vector<float> before;
  for (int label = 0; label < 3; ++label)
    before.push_back(model.ask(stream.rows[static_cast<std::size_t>(label) * 300]).confidence);
  ASSERT_TRUE(model.add_label("d").ok());
  EXPECT_EQ(model.settings().labels.size(), 4U);
  for (int label = 0; label < 3; ++label) {
    const Prediction now = model.ask(stream.rows[static_cast<std::size_t>(label) * 300]);
    EXPECT_EQ(now.label, label);
    EXPECT_NEAR(now.confidence, before[static_cast<std::size_t>(label)], 0.05)
        << "a class that nothing is known of changes no answer";
  }
  learn_all(model, stream, 900, 1200);
  for (int label = 0; label < 4; ++label) EXPECT_GT(recall(model, stream, label), 0.95) << label;
  EXPECT_EQ(model.class_metrics().all().classes(), 4U);
}

TEST(NewLabels, SurviveACheckpoint) {
  const Stream stream = make_clouds(4, 200, true, seed);
  OnlineModel whole = make_model(growing(3), stream.inputs);
  learn_all(whole, stream, 0, 600);
  ASSERT_TRUE(whole.add_label("d").ok());
  learn_all(whole, stream, 600, 700);
  OnlineModel resumed = make_model(growing(3), stream.inputs);
  ASSERT_TRUE(resumed.restore(whole.save()).ok());
  EXPECT_EQ(resumed.settings().labels, whole.settings().labels);
  learn_all(whole, stream, 700, 800);
  learn_all(resumed, stream, 700, 800);
  EXPECT_EQ(resumed.save(), whole.save());
  OnlineModel fixed = make_model(small_classifier(3), stream.inputs);
  EXPECT_FALSE(fixed.restore(whole.save()).ok()) << "its settings allow three classes";
}

TEST(NewLabels, AreRefusedWhereTheyCannotBe) {
  OnlineModel fixed = make_model(small_classifier(3), 6);
  EXPECT_FALSE(fixed.add_label("d").ok());
  OnlineModel model = make_model(growing(3), 6);
  EXPECT_FALSE(model.add_label("a").ok()) << "it is there";
  for (std::size_t i = 3; i < max_labels; ++i)
    ASSERT_TRUE(model.add_label("new" + std::to_string(i)).ok());
  EXPECT_FALSE(model.add_label("one too many").ok());
}

TEST(Unknown, RowsLikeNoneLearnedAreToldFromTheOthers) {
  const Stream stream = make_clouds(4, 500, false, seed);
  ModelSettings settings = small_classifier(4);
  settings.learn.unknown = 0.02;
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, 1500);
  double false_alarms = 0.0;
  double found = 0.0;
  for (std::size_t i = 1500; i < 2000; ++i) {
    std::vector<float> row = stream.rows[i];
    false_alarms += model.predict(row).unknown ? 1.0 : 0.0;
    float scale = 0.001F;
    for (float& value : row) {
      value = 2.0F * 5.0F * scale - value - 12.0F * scale;  // far from every cloud
      scale *= 10.0F;
    }
    found += model.predict(row).unknown ? 1.0 : 0.0;
  }
  EXPECT_LT(false_alarms / 500.0, 0.04);
  EXPECT_GT(found / 500.0, 0.95);
  EXPECT_GT(model.least_confidence(), 0.25F);

  std::vector<std::string> columns;
  for (std::size_t i = 0; i < stream.inputs; ++i) columns.push_back("x" + std::to_string(i));
  CandidateInfo info;
  info.model_id = "test";
  info.recipe = models::table_recipe(columns).value();
  const models::Bundle bundle = make_candidate(model, info).value();
  EXPECT_GT(bundle.unknown_below, -128) << "the int8 model says unknown too";
}

TEST(Unknown, IsNeverSaidUnlessAskedFor) {
  const Stream stream = make_clouds(2, 300, false, seed);
  OnlineModel model = make_model(small_classifier(2), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  EXPECT_FALSE(model.predict(std::vector<float>(6, 1e6F)).unknown);
  EXPECT_EQ(model.counters().unknown, 0U);
}

TEST(GuessAbove, LearnsSureRowsWithoutLabelsOneForEachLabelledOne) {
  const Stream stream = make_clouds(3, 400, false, seed);
  ModelSettings settings = small_classifier(3);
  settings.learn.guess_above = 0.9F;
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, 300);
  const std::uint64_t learned = model.counters().learned;
  std::size_t at = 300;
  while (model.counters().guessed == 0 && at < 600) model.learn_unlabelled(stream.rows[at++]);
  EXPECT_EQ(model.counters().guessed, 1U);
  for (; at < 900; ++at) model.learn_unlabelled(stream.rows[at]);
  EXPECT_EQ(model.counters().guessed, 1U) << "no label came in between";
  EXPECT_EQ(model.counters().learned, learned + 1);
  OnlineModel off = make_model(small_classifier(3), stream.inputs);
  learn_all(off, stream, 0, 300);
  for (std::size_t i = 300; i < 600; ++i) off.learn_unlabelled(stream.rows[i]);
  EXPECT_EQ(off.counters().guessed, 0U);
}

TEST(Withdraw, LetsANetForgetWhatItWasToldWrongly) {
  const Stream stream = make_clouds(2, 300, false, seed);
  OnlineModel model = make_model(small_classifier(2), stream.inputs);
  learn_all(model, stream, 0, 100);
  const std::size_t held = model.remembered_rows().count;
  model.learn(stream.rows[100], {1 - stream.targets[100].label, 0.0F});
  EXPECT_EQ(model.remembered_rows().count, held + 1);
  EXPECT_TRUE(model.withdraw(model.newest_row()));
  EXPECT_EQ(model.remembered_rows().count, held);
  EXPECT_FALSE(model.withdraw(model.newest_row()));
}

}  // namespace
}  // namespace haltere::learner
