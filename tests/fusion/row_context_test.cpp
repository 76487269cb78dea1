#include "fusion/row_context.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace haltere::fusion {
namespace {

TEST(RowContext, GivesValueStepMeanAndDeviationOverWhatThereIs) {
  RowContext context(1, {2, 4}, false);
  ASSERT_EQ(context.size(), 6U);
  std::vector<float> last;
  for (const float value : {1.0F, 3.0F, 7.0F, 9.0F, 5.0F}) {
    const auto out = context.update(std::array{value});
    last.assign(out.begin(), out.end());
    if (value == 1.0F) {
      EXPECT_EQ(last, (std::vector<float>{1, 0, 1, 0, 1, 0}));
    }
    if (value == 7.0F) {
      EXPECT_FLOAT_EQ(last[4], 11.0F / 3.0F);
    }
  }
  EXPECT_FLOAT_EQ(last[0], 5.0F);
  EXPECT_FLOAT_EQ(last[1], -4.0F);
  EXPECT_FLOAT_EQ(last[2], 7.0F);
  EXPECT_FLOAT_EQ(last[3], 2.0F);
  EXPECT_FLOAT_EQ(last[4], 6.0F);
  EXPECT_FLOAT_EQ(last[5], std::sqrt(5.0F));
}

TEST(RowContext, AStillChannelHasNoDeviationHoweverLargeItIs) {
  RowContext context(2, {5, 20}, false);
  for (int i = 0; i < 100; ++i) {
    const auto out = context.update(std::array{101325.7F, static_cast<float>(i)});
    for (const std::size_t still : {1U, 3U, 5U}) ASSERT_EQ(out[still], 0.0F) << i;
    ASSERT_EQ(out[2], 101325.7F);
  }
}

TEST(RowContext, TheDayTurnsOnceAndTwice) {
  RowContext context(1, {2}, true);
  const auto out = context.update(std::array{0.0F}, 0.25F);
  ASSERT_EQ(out.size(), 8U);
  EXPECT_NEAR(out[4], 1.0F, 1e-6);
  EXPECT_NEAR(out[5], 0.0F, 1e-6);
  EXPECT_NEAR(out[6], 0.0F, 1e-6);
  EXPECT_NEAR(out[7], -1.0F, 1e-6);
}

TEST(RowContext, NamesItsOutputsInOrder) {
  const RowContext context(2, {5}, true);
  const std::vector<std::string> channels{"a", "b"};
  EXPECT_EQ(
      context.names(channels),
      (std::vector<std::string>{"a", "step(a)", "mean5(a)", "std5(a)", "b", "step(b)", "mean5(b)",
                                "std5(b)", "day_sin1", "day_cos1", "day_sin2", "day_cos2"}));
  EXPECT_EQ(context.size(), context.names(channels).size());
}

TEST(RowContext, ShowsItsLengthsInItsNames) {
  const std::vector<std::string> channels{"flow", "mean3"};
  const std::vector<std::size_t> lengths{5, 20};
  EXPECT_EQ(named_lengths(RowContext(2, lengths, true).names(channels)), lengths);
  EXPECT_TRUE(
      named_lengths(std::vector<std::string>{"mean", "mean5", "mean1(a)", "mean(a)"}).empty());
}

TEST(ContextLengths, NeedTwentyTimesTheirRowsAndRoom) {
  EXPECT_TRUE(context_lengths(99, 1, 128).empty());
  EXPECT_EQ(context_lengths(400, 8, 128), (std::vector<std::size_t>{5, 20}));
  EXPECT_EQ(context_lengths(100'000, 1, 128), (std::vector<std::size_t>{5, 20, 80, 320}));
  EXPECT_EQ(context_lengths(100'000, 30, 128), (std::vector<std::size_t>{5}));
  EXPECT_TRUE(context_lengths(100'000, 60, 128).empty());
}

}  // namespace
}  // namespace haltere::fusion
