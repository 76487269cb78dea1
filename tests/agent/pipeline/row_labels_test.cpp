#include "agent/pipeline/row_labels.hpp"

#include <gtest/gtest.h>

#include "agent/pipeline/hit_history.hpp"

namespace haltere::agent {
namespace {

TEST(RowLabels, aWindowWithOneLabelHasIt) {
  RowLabels labels(4, 3);
  for (int i = 0; i < 4; ++i) labels.add(2, false);
  EXPECT_EQ(labels.label(), 2);
}

TEST(RowLabels, halfTheRowsMustBeLabelled) {
  RowLabels labels(4, 3);
  labels.add(RowLabels::none, false);
  labels.add(RowLabels::none, false);
  labels.add(RowLabels::none, false);
  labels.add(1, false);
  EXPECT_EQ(labels.label(), RowLabels::none);
  labels.add(1, false);
  EXPECT_EQ(labels.label(), 1);
}

TEST(RowLabels, twoLabelsInOneWindowAreNone) {
  RowLabels labels(4, 3);
  for (const int label : {0, 0, 0, 1}) labels.add(label, false);
  EXPECT_TRUE(labels.is_mixed());
  EXPECT_EQ(labels.label(), RowLabels::none);
  for (int i = 0; i < 3; ++i) labels.add(1, false);
  EXPECT_FALSE(labels.is_mixed()) << "the rows with label 0 have left the window";
  EXPECT_EQ(labels.label(), 1);
}

TEST(RowLabels, aSegmentForgetsWhatWasBefore) {
  RowLabels labels(4, 3);
  for (int i = 0; i < 4; ++i) labels.add(0, false);
  labels.add(1, true);
  EXPECT_EQ(labels.label(), 1);
  EXPECT_FALSE(labels.is_mixed());
}

TEST(HitHistory, tellsTheSecondHalf) {
  HitHistory history;
  EXPECT_EQ(history.second_half(), 0.0);
  for (int i = 0; i < 10; ++i) history.add(i >= 6);
  EXPECT_DOUBLE_EQ(history.second_half(), 4.0 / 5.0);
}

TEST(HitHistory, staysCloseForLongStreams) {
  HitHistory history;
  constexpr int total = 100'000;
  for (int i = 0; i < total; ++i) history.add(i >= total / 2);
  EXPECT_EQ(history.count(), static_cast<std::uint64_t>(total));
  EXPECT_NEAR(history.second_half(), 1.0, 0.001);
}

}  // namespace
}  // namespace haltere::agent
