#include "learner/anomaly_judge.hpp"

#include <array>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

constexpr std::size_t inputs = 4;

std::vector<float> make_row(models::Random& random) {
  std::vector<float> row(inputs);
  const float common = random.symmetric();
  for (std::size_t i = 0; i < inputs; ++i)
    row[i] = static_cast<float>(i + 1) * (common + 0.3F * random.symmetric());
  return row;
}

/// Stands for an autoencoder: the squared error against the row's own first input.
float reconstruction(const std::vector<float>& row) {
  float sum = 0.0F;
  for (std::size_t i = 1; i < inputs; ++i) {
    const float error = row[i] / static_cast<float>(i + 1) - row[0];
    sum += error * error;
  }
  return sum / static_cast<float>(inputs);
}

AnomalySettings settings() {
  return {.false_alarm_rate = 1e-4, .learn_normal = 500, .memory = 10'000, .prototypes = 32};
}

void observe(AnomalyJudge& judge, const std::vector<float>& row) {
  const AnomalyScores scores = judge.score(row, reconstruction(row));
  if (judge.is_learnable(scores)) judge.learn(row, scores);
}

AnomalyJudge learned(int rows) {
  AnomalyJudge judge(inputs, settings());
  models::Random random(1);
  for (int i = 0; i < rows; ++i) observe(judge, make_row(random));
  return judge;
}

TEST(AnomalyJudge, CallsFirstRowsTypical) {
  AnomalyJudge judge(inputs, settings());
  models::Random random(3);
  for (int i = 0; i < 200; ++i) {
    const std::vector<float> row = make_row(random);
    const float blend = judge.score(row, reconstruction(row)).of(AnomalyScorer::blend);
    if (i < 16) {
      EXPECT_EQ(blend, 1.0F) << i;
    } else {
      EXPECT_LT(blend, 1e6F) << i;
    }
    observe(judge, row);
  }
}

TEST(AnomalyJudge, BlendsAfterFewRowsToo) {
  AnomalyJudge judge = learned(30);
  models::Random random(4);
  for (int i = 0; i < 100; ++i) {
    std::vector<float> row = make_row(random);
    const float normal = judge.score(row, reconstruction(row)).of(AnomalyScorer::blend);
    row[2] += 9.0F;
    EXPECT_GT(judge.score(row, reconstruction(row)).of(AnomalyScorer::blend), normal) << i;
  }
}

TEST(AnomalyJudge, EveryScorerTellsNormalFromAbnormal) {
  AnomalyJudge judge = learned(3000);
  models::Random random(2);
  std::array<int, 4> alarms{};
  std::array<int, 4> found{};
  for (int i = 0; i < 1000; ++i) {
    std::vector<float> row = make_row(random);
    const AnomalyScores normal = judge.score(row, reconstruction(row));
    row[2] += 9.0F;
    const AnomalyScores moved = judge.score(row, reconstruction(row));
    for (std::size_t s = 0; s < 4; ++s) {
      alarms[s] += normal.abnormal[s] ? 1 : 0;
      found[s] += moved.abnormal[s] ? 1 : 0;
    }
  }
  for (std::size_t s = 0; s < 4; ++s) {
    EXPECT_LT(alarms[s], 10) << to_string(anomaly_scorers[s]);
    EXPECT_GT(found[s], 900) << to_string(anomaly_scorers[s]);
  }
}

TEST(AnomalyJudge, DoesNotLearnAnAnomalyHoweverLongItLasts) {
  AnomalyJudge judge = learned(1000);
  models::Random random(3);
  int found = 0;
  for (int i = 0; i < 5000; ++i) {
    std::vector<float> row = make_row(random);
    row[1] += 9.0F;
    found += judge.score(row, reconstruction(row)).is_abnormal(AnomalyScorer::blend) ? 1 : 0;
    observe(judge, row);
  }
  EXPECT_GT(found, 4900);
  EXPECT_LT(judge.learned(), 1100U);
}

TEST(AnomalyJudge, LearnsALastingChangeThatAPersonCallsNormal) {
  AnomalyJudge judge = learned(1000);
  models::Random random(4);
  for (int i = 0; i < 5000; ++i) {
    std::vector<float> row = make_row(random);
    row[1] += 9.0F;
    judge.learn(row, judge.score(row, reconstruction(row)));
  }
  std::vector<float> row = make_row(random);
  row[1] += 9.0F;
  EXPECT_FALSE(judge.score(row, reconstruction(row)).is_abnormal(AnomalyScorer::mahalanobis));
}

TEST(AnomalyJudge, JudgesNothingWhileItLearnsWhatIsNormal) {
  AnomalyJudge judge(inputs, settings());
  models::Random random(5);
  for (int i = 0; i < 30; ++i) {
    std::vector<float> row = make_row(random);
    if (i % 5 == 0) row[0] = 1e6F;
    const AnomalyScores scores = judge.score(row, reconstruction(row));
    EXPECT_TRUE(judge.is_learnable(scores));
    EXPECT_FALSE(scores.is_abnormal(AnomalyScorer::blend));
    judge.learn(row, scores);
  }
}

TEST(AnomalyJudge, ExplainsByInput) {
  AnomalyJudge judge = learned(2000);
  models::Random random(6);
  std::vector<float> row = make_row(random);
  row[3] += 40.0F;
  const std::vector<float> errors{0.1F, 0.1F, 0.1F, 99.0F};
  std::vector<float> shares(inputs);
  judge.explain(row, errors, shares);
  EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0F), 1.0F, 1e-5F);
  EXPECT_GT(shares[3], 0.6F);
}

TEST(AnomalyJudge, GoesOnAsIfNeverStopped) {
  AnomalyJudge whole = learned(733);
  Archive out;
  whole.exchange(out);
  AnomalyJudge resumed(inputs, settings());
  Archive in(out.bytes());
  resumed.exchange(in);
  ASSERT_TRUE(in.exhausted());
  models::Random random(7);
  for (int i = 0; i < 300; ++i) {
    const std::vector<float> row = make_row(random);
    ASSERT_EQ(whole.score(row, reconstruction(row)).values,
              resumed.score(row, reconstruction(row)).values);
    observe(whole, row);
    observe(resumed, row);
  }
  Archive one;
  Archive two;
  whole.exchange(one);
  resumed.exchange(two);
  EXPECT_EQ(one.bytes(), two.bytes());
}

}  // namespace
}  // namespace haltere::learner
