#include "learner/drift_watch.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

constexpr std::size_t inputs = 4;

DriftSettings watching(DriftSource source, DriftKind kind = DriftKind::adwin) {
  return {.detector = kind, .on = source, .reaction = DriftReaction::alarm};
}

/// Rows of noise in scales of 0.01, 1, 100 and 10^4; input 2 moves by one deviation after `change`.
void feed(DriftWatch& watch, std::size_t from, std::size_t to, std::size_t change) {
  models::Random random(20260106);
  for (std::size_t i = 0; i < to; ++i) {
    std::vector<float> row(inputs);
    float scale = 0.01F;
    for (float& value : row) {
      value = scale * (10.0F + random.symmetric());
      scale *= 100.0F;
    }
    if (i >= change) row[2] += 60.0F;
    if (i >= from) watch.add_inputs(row, i + 1);
  }
}

TEST(DriftWatch, NamesTheInputThatMoved) {
  DriftWatch watch(watching(DriftSource::inputs), inputs);
  feed(watch, 0, 3000, 2000);
  ASSERT_EQ(watch.events().size(), 1U);
  const DriftEvent& event = watch.events()[0];
  EXPECT_EQ(event.level, DriftLevel::drift);
  EXPECT_EQ(event.input, 2);
  EXPECT_GT(event.row, 2000U);
  EXPECT_LT(event.row, 2300U);
}

TEST(DriftWatch, NotesOneWarningPerSpellAndEveryDriftOfTheError) {
  DriftWatch watch(watching(DriftSource::error, DriftKind::ddm), inputs);
  models::Random random(3);
  std::uint64_t row = 0;
  std::uint64_t drifts = 0;
  for (const std::size_t share : {5U, 60U})
    for (int i = 0; i < 1000; ++i)
      drifts += watch.add_error(random.below(100) < share ? 1.0 : 0.0, ++row) == DriftLevel::drift
                    ? 1U
                    : 0U;
  EXPECT_GE(drifts, 1U);
  EXPECT_EQ(watch.drifts(), drifts);
  EXPECT_GE(watch.warnings(), 1U);
  for (std::size_t i = 1; i < watch.events().size(); ++i)
    EXPECT_LT(watch.events()[i - 1].row, watch.events()[i].row);
  EXPECT_EQ(watch.events().size(), watch.drifts() + watch.warnings());
  EXPECT_EQ(watch.events().back().input, DriftEvent::of_error);
}

TEST(DriftWatch, SaysNothingWhenOffOrOfWhatItDoesNotWatch) {
  for (const DriftSettings settings :
       {watching(DriftSource::both, DriftKind::off), watching(DriftSource::error)}) {
    DriftWatch watch(settings, inputs);
    feed(watch, 0, 3000, 2000);
    EXPECT_TRUE(watch.events().empty());
  }
}

TEST(DriftWatch, GoesOnAsIfNeverStopped) {
  DriftWatch whole(watching(DriftSource::both), inputs);
  feed(whole, 0, 2010, 2000);
  Archive out;
  whole.exchange(out);
  DriftWatch resumed(watching(DriftSource::both), inputs);
  Archive in(out.bytes());
  resumed.exchange(in);
  ASSERT_TRUE(in.exhausted());
  feed(whole, 2010, 3000, 2000);
  feed(resumed, 2010, 3000, 2000);
  Archive one;
  Archive two;
  whole.exchange(one);
  resumed.exchange(two);
  EXPECT_EQ(one.bytes(), two.bytes());
  EXPECT_EQ(resumed.events().size(), 1U);
}

TEST(DriftWatch, StartsOverUnderOtherSettings) {
  DriftWatch saved(watching(DriftSource::inputs), inputs);
  feed(saved, 0, 3000, 2000);
  Archive out;
  saved.exchange(out);
  DriftWatch other(watching(DriftSource::error, DriftKind::kswin), inputs);
  Archive in(out.bytes());
  other.exchange(in);
  EXPECT_TRUE(in.exhausted());
  EXPECT_EQ(other.events().size(), 1U);  // what was found stays known
  EXPECT_EQ(other.settings().detector, DriftKind::kswin);
}

TEST(DriftWatch, KeepsTheNewestEvents) {
  DriftWatch watch(watching(DriftSource::error, DriftKind::kswin), inputs);
  std::uint64_t row = 0;
  for (int spell = 0; spell < 400; ++spell)
    for (int i = 0; i < 100; ++i) watch.add_error(i < 60 ? 0.0 : 1.0, ++row);
  EXPECT_EQ(watch.events().size(), DriftWatch::max_events);
  EXPECT_GT(watch.drifts() + watch.warnings(), DriftWatch::max_events);
  EXPECT_GT(watch.events().back().row, row - 200);
}

}  // namespace
}  // namespace haltere::learner
