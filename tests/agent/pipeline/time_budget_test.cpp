#include "agent/pipeline/time_budget.hpp"

#include <gtest/gtest.h>

namespace haltere::agent {
namespace {

using std::chrono::milliseconds;

/// Ten windows a second, each of whose steps takes `step` of processor time, for `seconds`.
std::size_t steps_after(TimeBudget& budget, milliseconds step, int seconds) {
  static milliseconds now{0};
  for (int i = 0; i < 10 * seconds; ++i) {
    now += milliseconds(100);
    budget.add(step * static_cast<int>(budget.steps()), now);
  }
  return budget.steps();
}

TEST(TimeBudget, TakesFewerStepsUntilTheyFit) {
  TimeBudget budget(0.05, 8);  // 5 ms per window of 100 ms
  EXPECT_EQ(steps_after(budget, milliseconds(2), 20), 2U);
}

TEST(TimeBudget, TakesAllStepsWhereThereIsRoom) {
  TimeBudget budget(0.05, 8);
  EXPECT_EQ(steps_after(budget, milliseconds(0), 5), 8U);
}

TEST(TimeBudget, TakesMoreAgainWhenThereIsRoomAgain) {
  TimeBudget budget(0.05, 8);
  EXPECT_EQ(steps_after(budget, milliseconds(100), 5), 0U);
  EXPECT_EQ(steps_after(budget, milliseconds(0), 12), 8U);
}

TEST(TimeBudget, ThreadTimeIsThatOfThisThread) {
  const auto before = TimeBudget::thread_time();
  volatile double sum = 0.0;
  for (int i = 0; i < 1'000'000; ++i) sum = sum + 1.0;
  EXPECT_GT(TimeBudget::thread_time(), before);
}

}  // namespace
}  // namespace haltere::agent
