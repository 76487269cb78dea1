#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "tests/learner/streams.hpp"

namespace haltere::learner {
namespace {

constexpr std::uint64_t seed = 20260107;
constexpr std::size_t change = 1500;

/// Clouds whose labels are exchanged all round after `change` rows.
Stream exchanged_labels() {
  Stream stream = make_clouds(3, 1000, false, seed);
  for (std::size_t i = change; i < stream.targets.size(); ++i)
    stream.targets[i].label = (stream.targets[i].label + 1) % 3;
  return stream;
}

ModelSettings reacting(DriftReaction reaction) {
  ModelSettings settings = small_classifier(3);
  settings.learn.drift.reaction = reaction;
  return settings;
}

/// Share of right answers of the steady net among the 500 rows after the drift was due.
double accuracy_after(DriftReaction reaction) {
  const Stream stream = exchanged_labels();
  ModelSettings settings = reacting(reaction);
  settings.learn.followers = false;  // they would be right before any reaction
  settings.learn.rate = 0.002F;      // low enough that raising it pays
  OnlineModel model = make_model(settings, stream.inputs);
  double hits = 0.0;
  for (std::size_t i = 0; i < change + 550; ++i) {
    const Prediction answer = model.observe(stream.rows[i], stream.targets[i]);
    if (i >= change + 50 && answer.label == stream.targets[i].label) hits += 1.0;
  }
  EXPECT_GE(model.drift().drifts(), 1U);
  return hits / 500.0;
}

TEST(DriftReaction, EventsGiveTheRowOfTheChange) {
  const Stream stream = exchanged_labels();
  OnlineModel model = make_model(reacting(DriftReaction::alarm), stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  const auto events = model.drift().events();
  const auto first = std::ranges::find(events, DriftLevel::drift, &DriftEvent::level);
  ASSERT_NE(first, events.end());
  EXPECT_GT(first->row, change);
  EXPECT_LT(first->row, change + 100);
}

TEST(DriftReaction, AlarmAloneChangesNothing) {
  const Stream stream = exchanged_labels();
  OnlineModel watched = make_model(reacting(DriftReaction::alarm), stream.inputs);
  ModelSettings off = small_classifier(3);
  off.learn.drift.detector = DriftKind::off;
  OnlineModel blind = make_model(off, stream.inputs);
  learn_all(watched, stream, 0, stream.rows.size());
  learn_all(blind, stream, 0, stream.rows.size());
  EXPECT_TRUE(std::ranges::equal(watched.network().parameters(), blind.network().parameters()));
  EXPECT_EQ(blind.drift().drifts(), 0U);
}

TEST(DriftReaction, ForgettingTheOldConceptHelps) {
  const double alone = accuracy_after(DriftReaction::alarm);
  EXPECT_GT(accuracy_after(DriftReaction::refill_replay), alone + 0.1);
  EXPECT_GT(accuracy_after(DriftReaction::raise_rate), alone);
}

TEST(DriftReaction, ResetNormalisationFollowsAMovedInputSoon) {
  Stream stream = make_clouds(3, 1500, false, seed);
  for (std::size_t i = 3000; i < stream.rows.size(); ++i) stream.rows[i][1] += 100.0F;
  ModelSettings settings = small_classifier(3);
  settings.learn.drift.on = DriftSource::both;
  OnlineModel slow = make_model(settings, stream.inputs);
  settings.learn.drift.reaction = DriftReaction::reset_normalisation;
  OnlineModel fast = make_model(settings, stream.inputs);
  learn_all(slow, stream, 0, 3300);
  learn_all(fast, stream, 0, 3300);
  float after = 0.0F;
  for (std::size_t i = 3000; i < 3300; ++i) after += stream.rows[i][1] / 300.0F;
  EXPECT_NEAR(fast.input_mean()[1], after, 20.0F);
  EXPECT_LT(slow.input_mean()[1], after - 50.0F);
  EXPECT_TRUE(std::ranges::any_of(fast.drift().events(),
                                  [](const DriftEvent& event) { return event.input == 1; }));
}

TEST(DriftReaction, ResumesInTheMiddleOfARaisedRate) {
  const Stream stream = exchanged_labels();
  for (const DriftReaction reaction : {DriftReaction::raise_rate, DriftReaction::refill_replay}) {
    ModelSettings settings = reacting(reaction);
    settings.learn.drift.on = DriftSource::both;
    OnlineModel whole = make_model(settings, stream.inputs);
    learn_all(whole, stream, 0, change + 120);
    ASSERT_GE(whole.drift().drifts(), 1U);
    OnlineModel resumed = make_model(settings, stream.inputs);
    ASSERT_TRUE(resumed.restore(whole.save()).ok());
    learn_all(whole, stream, change + 120, stream.rows.size());
    learn_all(resumed, stream, change + 120, stream.rows.size());
    EXPECT_EQ(whole.save(), resumed.save());
  }
}

TEST(DriftReaction, DdmCannotWatchInputs) {
  ModelSettings settings = small_classifier(3);
  settings.learn.drift = {
      .detector = DriftKind::ddm, .on = DriftSource::both, .reaction = DriftReaction::alarm};
  EXPECT_FALSE(OnlineModel::create(settings, 3).ok());
}

TEST(DriftReaction, ANewModelTakesOverOnceItIsBetter) {
  EXPECT_GT(accuracy_after(DriftReaction::new_model), accuracy_after(DriftReaction::alarm) + 0.02);
  const Stream stream = exchanged_labels();
  ModelSettings settings = reacting(DriftReaction::new_model);
  settings.learn.followers = false;
  settings.learn.rate = 0.002F;
  OnlineModel model = make_model(settings, stream.inputs);
  learn_all(model, stream, 0, stream.rows.size());
  EXPECT_GE(model.counters().replaced, 1U);
  OnlineModel resumed = make_model(settings, stream.inputs);
  ASSERT_TRUE(resumed.restore(model.save()).ok());
  EXPECT_EQ(resumed.save(), model.save());
}

}  // namespace
}  // namespace haltere::learner
