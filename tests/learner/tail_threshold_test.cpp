#include "learner/tail_threshold.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "models/random.hpp"

namespace haltere::learner {
namespace {

double uniform(models::Random& random) {
  return (static_cast<double>(random.next()) + 0.5) * 0x1p-32;
}

/// Learns `count` scores that are exponential with mean 1, or heavy-tailed with shape `xi`.
TailThreshold learned(double rate, int count, double xi = 0.0) {
  TailThreshold tail({.false_alarm_rate = rate, .half_life = 1e6});
  models::Random random(20260108);
  for (int i = 0; i < count; ++i) {
    const double u = uniform(random);
    tail.add(static_cast<float>(xi == 0.0 ? -std::log(u) : (std::pow(u, -xi) - 1.0) / xi));
  }
  return tail;
}

TEST(TailThreshold, FindsTheQuantileOfAnExponentialTail) {
  // The true threshold of rate r is -ln(r); 200 peaks fix it to about a tenth.
  EXPECT_NEAR(learned(1e-3, 20'000).threshold(), 6.9, 0.7);
  EXPECT_NEAR(learned(1e-5, 20'000).threshold(), 11.5, 2.5);
}

TEST(TailThreshold, FollowsAHeavyTail) {
  constexpr double xi = 0.3;
  const double truth = (std::pow(1e-4, -xi) - 1.0) / xi;  // 49.5
  EXPECT_NEAR(static_cast<double>(learned(1e-4, 20'000, xi).threshold()) / truth, 1.0, 0.5);
  EXPECT_GT(learned(1e-4, 20'000, xi).threshold(), 2.0F * learned(1e-4, 20'000).threshold());
}

TEST(TailThreshold, KeepsTheRateOfFalseAlarms) {
  constexpr double rate = 1e-3;
  const TailThreshold tail = learned(rate, 5000);
  models::Random random(77);
  int alarms = 0;
  for (int i = 0; i < 200'000; ++i)
    alarms += -std::log(uniform(random)) > static_cast<double>(tail.threshold()) ? 1 : 0;
  EXPECT_GT(alarms, 50);
  EXPECT_LT(alarms, 600);  // 200 are wanted; what 5000 scores say of their tail is rough
}

TEST(TailThreshold, IsInfiniteUntilItKnowsEnough) {
  TailThreshold tail;
  for (std::uint64_t i = 0; i + 1 < TailThreshold::min_scores; ++i) {
    tail.add(1.0F);
    ASSERT_EQ(tail.threshold(), std::numeric_limits<float>::infinity());
  }
  for (int i = 0; i < 20; ++i) tail.add(1.0F);
  EXPECT_LT(tail.threshold(), 1.1F);  // constant scores: barely above them
  EXPECT_GE(tail.threshold(), 0.97F);
}

TEST(TailThreshold, RefusesWhatIsNoScore) {
  TailThreshold poisoned = learned(1e-3, 300);
  const TailThreshold clean = learned(1e-3, 300);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -1.0F})
    for (int i = 0; i < 50; ++i) poisoned.add(bad);
  EXPECT_EQ(poisoned.threshold(), clean.threshold());
  EXPECT_EQ(poisoned.count(), clean.count());
}

TEST(TailThreshold, GoesOnAsIfNeverStopped) {
  TailThreshold whole = learned(1e-3, 333);
  Archive out;
  whole.exchange(out);
  TailThreshold resumed({.false_alarm_rate = 1e-3, .half_life = 1e6});
  Archive in(out.bytes());
  resumed.exchange(in);
  ASSERT_TRUE(in.exhausted());
  models::Random random(5);
  for (int i = 0; i < 500; ++i) {
    const auto score = static_cast<float>(2.0 * uniform(random));
    whole.add(score);
    resumed.add(score);
    ASSERT_EQ(whole.threshold(), resumed.threshold());
  }
}

TEST(FalseAlarmRate, FollowsFromAlarmsPerDay) {
  EXPECT_DOUBLE_EQ(false_alarm_rate(1.0, 1.0), 1.0 / 86'400.0);
  EXPECT_DOUBLE_EQ(false_alarm_rate(24.0, 100.0), 24.0 / 8'640'000.0);
  EXPECT_DOUBLE_EQ(false_alarm_rate(1.0, 1e-6), 0.01);
}

}  // namespace
}  // namespace haltere::learner
