#include "learner/metrics.hpp"

#include <array>
#include <vector>

#include <gtest/gtest.h>

namespace haltere::learner {
namespace {

/// Truth x answer: 20 5 / 10 15, a textbook example with kappa 0.4.
Confusion textbook() {
  Confusion confusion(2);
  const std::array<std::array<int, 2>, 2> counts{{{20, 5}, {10, 15}}};
  for (std::size_t truth = 0; truth < 2; ++truth)
    for (std::size_t answer = 0; answer < 2; ++answer)
      for (int i = 0; i < counts[truth][answer]; ++i) confusion.add(truth, answer);
  return confusion;
}

TEST(Confusion, GivesTheTextbookFigures) {
  const Confusion confusion = textbook();
  EXPECT_DOUBLE_EQ(confusion.accuracy(), 0.7);
  EXPECT_NEAR(confusion.kappa(), 0.4, 1e-12);
  EXPECT_DOUBLE_EQ(confusion.recall(0), 0.8);
  EXPECT_DOUBLE_EQ(confusion.recall(1), 0.6);
  EXPECT_NEAR(confusion.macro_f1(), 0.5 * (40.0 / 55.0 + 30.0 / 45.0), 1e-12);
}

TEST(Confusion, IsZeroWhileEmpty) {
  const Confusion confusion(3);
  EXPECT_EQ(confusion.accuracy(), 0.0);
  EXPECT_EQ(confusion.kappa(), 0.0);
  EXPECT_EQ(confusion.macro_f1(), 0.0);
  EXPECT_EQ(confusion.recall(1), 0.0);
}

TEST(Confusion, LeavesClassesThatNeverOccurOutOfMacroF1) {
  Confusion confusion(3);
  confusion.add(0, 0);
  confusion.add(1, 1);
  EXPECT_DOUBLE_EQ(confusion.macro_f1(), 1.0);
}

TEST(Confusion, HasNoKappaForOneClassOnly) {
  Confusion confusion(2);
  for (int i = 0; i < 9; ++i) confusion.add(0, 0);
  EXPECT_EQ(confusion.kappa(), 0.0);
}

TEST(ClassMetrics, CountsTheBaselinesBeside) {
  ClassMetrics metrics(2);
  for (const std::size_t truth : {0U, 0U, 1U, 1U, 1U}) metrics.add(truth, 0);
  EXPECT_DOUBLE_EQ(metrics.all().accuracy(), 0.4);
  EXPECT_DOUBLE_EQ(metrics.no_change_accuracy(), 0.6);  // rows 2, 4, 5
  EXPECT_DOUBLE_EQ(metrics.majority_accuracy(), 0.2);   // row 2
}

TEST(ClassMetrics, RecentFiguresForget) {
  ClassMetrics metrics(2, 10.0);
  for (int i = 0; i < 200; ++i) metrics.add(0, 1);
  for (int i = 0; i < 100; ++i) metrics.add(0, 0);
  EXPECT_NEAR(metrics.all().accuracy(), 1.0 / 3.0, 1e-12);
  EXPECT_GT(metrics.recent().accuracy(), 0.99);
}

TEST(ClassMetrics, GivesTheBaselinesKappaAndF1) {
  ClassMetrics metrics(2);
  // No change is right on rows 2, 4, 5 of 2..5, its answers 0 0 1 1 for truths 0 1 1 1.
  for (const std::size_t truth : {0U, 0U, 1U, 1U, 1U}) metrics.add(truth, truth);
  const Confusion& no_change = metrics.all_figures().no_change;
  EXPECT_DOUBLE_EQ(no_change.accuracy(), 0.75);
  EXPECT_NEAR(no_change.kappa(), (0.75 - 0.5) / (1.0 - 0.5), 1e-12);
  EXPECT_DOUBLE_EQ(metrics.all_figures().majority.kappa(), 0.0);  // one answer only
  EXPECT_DOUBLE_EQ(metrics.all().kappa(), 1.0);
}

TEST(ClassMetrics, CountsTheNewestRowsInItsWindow) {
  ClassMetrics metrics(2);
  for (int i = 0; i < 1500; ++i) metrics.add(0, 1, 0.9F);
  for (int i = 0; i < 900; ++i) metrics.add(1, 1, 0.9F);
  const ClassFigures window = metrics.window_figures();
  EXPECT_DOUBLE_EQ(window.answers.total(), 1000.0);
  EXPECT_DOUBLE_EQ(window.answers.accuracy(), 0.9);
  EXPECT_DOUBLE_EQ(window.no_change.accuracy(), 0.999);
  EXPECT_DOUBLE_EQ(window.majority.accuracy(), 0.1);
  EXPECT_NEAR(window.calibration.error(), 0.0, 1e-6);
}

TEST(ClassMetrics, FadesAsTheHalfLifeSays) {
  ClassMetrics metrics(2, 10.0);
  for (int i = 0; i < 5000; ++i) metrics.add(0, 1);  // long enough for weights to be rescaled
  for (int i = 0; i < 10; ++i) metrics.add(0, 0);
  EXPECT_NEAR(metrics.recent().accuracy(), 0.5, 1e-9);
}

TEST(Calibration, IsTheGapBetweenConfidenceAndAccuracy) {
  Calibration sure;
  for (int i = 0; i < 100; ++i) sure.add(1.0, i % 2 == 0);
  EXPECT_NEAR(sure.error(), 0.5, 1e-12);
  Calibration fair;
  for (int i = 0; i < 100; ++i) fair.add(0.75, i % 4 != 0);
  EXPECT_NEAR(fair.error(), 0.0, 1e-12);
  Calibration mixed;  // one bin too sure by 0.4, one too modest by 0.4: they do not cancel
  for (int i = 0; i < 10; ++i) mixed.add(0.9, i < 5);
  for (int i = 0; i < 10; ++i) mixed.add(0.6, true);
  EXPECT_NEAR(mixed.error(), 0.4, 1e-12);
  EXPECT_EQ(Calibration().error(), 0.0);
}

TEST(ClassMetrics, GoesOnAsIfNeverStopped) {
  ClassMetrics whole(3);
  for (std::size_t i = 0; i < 1400; ++i) whole.add(i % 3, (i * i) % 3, 0.5F);
  Archive out;
  whole.exchange(out);
  ClassMetrics resumed(3);
  Archive in(out.bytes());
  resumed.exchange(in);
  ASSERT_TRUE(in.exhausted());
  for (std::size_t i = 0; i < 300; ++i) {
    whole.add(i % 2, i % 3, 0.7F);
    resumed.add(i % 2, i % 3, 0.7F);
  }
  Archive one;
  Archive two;
  whole.exchange(one);
  resumed.exchange(two);
  EXPECT_EQ(one.bytes(), two.bytes());
}

TEST(ErrorSums, GivesTheDefinitions) {
  ErrorSums sums;
  const std::array<double, 4> truths{1.0, 2.0, 3.0, 6.0};
  const std::array<double, 4> answers{1.5, 2.0, 2.0, 7.0};
  for (std::size_t i = 0; i < truths.size(); ++i) sums.add(truths[i], answers[i]);
  EXPECT_DOUBLE_EQ(sums.mae(), 2.5 / 4.0);
  EXPECT_DOUBLE_EQ(sums.rmse(), 0.75);
  EXPECT_NEAR(sums.r2(), 1.0 - 2.25 / 14.0, 1e-12);
}

TEST(RegressionMetrics, ComparesWithTheLastValue) {
  RegressionMetrics metrics;
  for (const double truth : {1.0, 2.0, 4.0}) metrics.add(truth, 0.0);
  EXPECT_DOUBLE_EQ(metrics.no_change().mae(), 1.5);
}

TEST(RegressionMetrics, ComparesWithTheMeanSoFar) {
  RegressionMetrics metrics;
  for (const double truth : {1.0, 2.0, 6.0}) metrics.add(truth, truth);
  EXPECT_DOUBLE_EQ(metrics.all_figures().mean.mae(), 0.5 * (1.0 + 4.5));
  EXPECT_DOUBLE_EQ(metrics.all().mae(), 0.0);
}

TEST(RegressionMetrics, CountsTheNewestRowsInItsWindow) {
  RegressionMetrics metrics;
  for (int i = 0; i < 1500; ++i) metrics.add(5.0, 7.0);
  for (int i = 0; i < 500; ++i) metrics.add(5.0, 5.0);
  EXPECT_DOUBLE_EQ(metrics.window_figures().answers.count(), 1000.0);
  EXPECT_DOUBLE_EQ(metrics.window_figures().answers.mae(), 1.0);
  EXPECT_DOUBLE_EQ(metrics.window_figures().no_change.mae(), 0.0);
}

TEST(RocAuc, CountsPairsAndHalvesTies) {
  const std::vector<float> scores{0.1F, 0.4F, 0.4F, 0.8F};
  const std::vector<std::uint8_t> positive{0, 0, 1, 1};
  EXPECT_DOUBLE_EQ(roc_auc(scores, positive), 3.5 / 4.0);
  EXPECT_DOUBLE_EQ(roc_auc(scores, std::vector<std::uint8_t>{0, 0, 0, 0}), 0.5);
}

}  // namespace
}  // namespace haltere::learner
