#include "learner/replay.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace haltere::learner {
namespace {

void offer(Replay& replay, std::size_t label, float tag, models::Random& random) {
  const std::vector<float> row{tag, -tag};
  replay.offer({row, label, tag}, random);
}

TEST(Replay, KeepsRowLabelAndValueTogether) {
  Replay replay(50, 2, 3);
  models::Random random(1);
  for (int i = 0; i < 3000; ++i)
    offer(replay, static_cast<std::size_t>(i % 3), static_cast<float>(i), random);
  ASSERT_EQ(replay.size(), 50U);
  for (std::size_t i = 0; i < replay.size(); ++i) {
    EXPECT_EQ(replay.row(i)[0], replay.value(i));
    EXPECT_EQ(replay.row(i)[1], -replay.value(i));
    EXPECT_EQ(static_cast<std::size_t>(replay.value(i)) % 3, replay.label(i));
  }
}

TEST(Replay, BalancesClassesThatComeOneAfterTheOther) {
  Replay replay(90, 2, 3);
  models::Random random(2);
  for (std::size_t label = 0; label < 3; ++label)
    for (int i = 0; i < 1000; ++i) offer(replay, label, static_cast<float>(i), random);
  EXPECT_EQ(replay.count(0), 30U);
  EXPECT_EQ(replay.count(1), 30U);
  EXPECT_EQ(replay.count(2), 30U);
}

TEST(Replay, KeepsEveryRowOfARareClass) {
  Replay replay(100, 2, 2);
  models::Random random(3);
  for (int i = 0; i < 5000; ++i) offer(replay, i % 500 == 0 ? 1 : 0, 0.0F, random);
  EXPECT_EQ(replay.count(1), 10U);
  EXPECT_EQ(replay.count(0), 90U);
}

TEST(Replay, RenewsItselfInALongStream) {
  Replay replay(100, 2, 1);
  models::Random random(4);
  for (int i = 0; i < 100'000; ++i) offer(replay, 0, static_cast<float>(i), random);
  float oldest = 1e9F;
  for (std::size_t i = 0; i < replay.size(); ++i) oldest = std::min(oldest, replay.value(i));
  EXPECT_GT(oldest, 80'000.0F);
}

TEST(Replay, OfNoCapacityRemembersNothing) {
  Replay replay(0, 2, 1);
  models::Random random(5);
  offer(replay, 0, 1.0F, random);
  EXPECT_EQ(replay.size(), 0U);
}

TEST(Replay, RefusesASavedStateWithAForeignLabel) {
  Replay three(10, 2, 3);
  models::Random random(6);
  offer(three, 2, 1.0F, random);
  Archive saved;
  three.exchange(saved);
  Replay two(10, 2, 2);
  Archive reading(saved.bytes());
  two.exchange(reading);
  EXPECT_TRUE(reading.failed());
}

}  // namespace
}  // namespace haltere::learner
