#include "learner/row_store.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "learner/replay.hpp"
#include "models/random.hpp"

namespace haltere::learner {
namespace {

constexpr std::size_t inputs = 3;

std::vector<float> make_row(models::Random& random, float offset) {
  return {offset + random.symmetric(), 1000.0F * random.symmetric(),
          0.001F * (offset + random.symmetric())};
}

TEST(RowStore, KeepsFloatsAsTheyAre) {
  RowStore store(4, inputs, RowFormat::float32);
  const std::vector<float> row{1.5F, -2e9F, 3e-12F};
  store.write(2, row, 3);
  const auto read = store.row(2);
  EXPECT_EQ(std::vector<float>(read.begin(), read.end()), row);
}

TEST(RowStore, KeepsBytesToASixteenthOfADeviation) {
  constexpr std::size_t rows = 500;
  RowStore store(rows, inputs, RowFormat::int8);
  models::Random random(7);
  std::vector<std::vector<float>> truth;
  for (std::size_t i = 0; i < rows; ++i) {
    truth.push_back(make_row(random, 50.0F));
    store.write(i, truth.back(), i + 1);
  }
  const std::vector<float> deviation{0.577F, 577.0F, 0.000577F};
  for (std::size_t i = 100; i < rows; ++i)
    for (std::size_t k = 0; k < inputs; ++k)
      ASSERT_NEAR(store.row(i)[k], truth[i][k], 0.08F * deviation[k]) << i << ' ' << k;
}

TEST(RowStore, FollowsAStreamThatMovesAway) {
  constexpr std::size_t rows = 200;
  RowStore store(rows, inputs, RowFormat::int8);
  models::Random random(8);
  for (std::size_t i = 0; i < rows; ++i) store.write(i, make_row(random, 0.0F), i + 1);
  std::vector<float> last;
  for (std::size_t i = 0; i < 5 * rows; ++i) {
    last = make_row(random, 100.0F);
    store.write(i % rows, last, rows);
  }
  EXPECT_NEAR(store.row(rows - 1)[0], last[0], 2.0F);
}

TEST(RowStore, ABytePerValueTakesAQuarter) {
  EXPECT_EQ(RowStore::bytes_per_row(40, RowFormat::float32), 160U);
  EXPECT_EQ(RowStore::bytes_per_row(40, RowFormat::int8), 40U);
}

TEST(Replay, ForgetsAWithdrawnRowAndKeepsTheOthers) {
  for (const RowFormat format : {RowFormat::float32, RowFormat::int8}) {
    Replay replay(8, 1, 2, format);
    models::Random random(1);
    for (std::uint64_t id = 1; id <= 4; ++id) {
      const std::vector<float> row{static_cast<float>(id)};
      replay.offer({row, id % 2, 0.0F}, random, id);
    }
    EXPECT_TRUE(replay.withdraw(2));
    EXPECT_FALSE(replay.withdraw(2));
    EXPECT_FALSE(replay.withdraw(99));
    ASSERT_EQ(replay.size(), 3U);
    EXPECT_EQ(replay.count(0), 1U);
    EXPECT_EQ(replay.count(1), 2U);
    EXPECT_EQ(replay.label(1), 0U) << "the last row took its place";
    EXPECT_TRUE(replay.withdraw(4));
    EXPECT_EQ(replay.count(0), 0U);
  }
}

TEST(ReplayRowsOf, EndWhereTheMemoryEnds) {
  LearnSettings settings;
  settings.replay = 1000;
  EXPECT_EQ(replay_rows_of(settings, 36), 1000U);
  settings.replay_bytes = 16'000;
  EXPECT_EQ(replay_rows_of(settings, 36), 100U);
  settings.replay_format = RowFormat::int8;
  EXPECT_EQ(replay_rows_of(settings, 36), 307U);
}

}  // namespace
}  // namespace haltere::learner
