#include "sensors/line_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace haltere::sensors {
namespace {

std::vector<Column> two_columns() {
  return {{.name = "x", .channel = 0}, {.name = "y", .channel = 1}};
}

void feed(LineParser& parser, std::string_view text, TimeNs now_ns, std::vector<Sample>& samples) {
  parser.feed({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, now_ns, samples);
}

std::vector<float> first_values(const std::vector<Sample>& samples) {
  std::vector<float> values;
  for (const Sample& sample : samples) values.push_back(sample.values[0]);
  return values;
}

TEST(LineParser, GivesTheSameSamplesHoweverTheBytesArrive) {
  const std::string text = "x,y\r\n1,2\r\n# note\r\n3,4\nbad,5\n\n{\"x\":5,\"y\":6}\n7,8,9\n7,8\n";
  LineParser whole(two_columns(), LineFormat::automatic, 0.0);
  std::vector<Sample> expected;
  feed(whole, text, 1, expected);
  EXPECT_EQ(first_values(expected), (std::vector<float>{1, 3, 5, 7}));
  EXPECT_EQ(whole.counters().samples, 4U);
  EXPECT_EQ(whole.counters().rejected, 2U);
  EXPECT_EQ(whole.last_rejection(), "3 columns instead of 2");
  for (std::size_t piece = 1; piece < text.size(); ++piece) {
    LineParser parser(two_columns(), LineFormat::automatic, 0.0);
    std::vector<Sample> samples;
    for (std::size_t i = 0; i < text.size(); i += piece) {
      feed(parser, std::string_view(text).substr(i, piece), 1, samples);
    }
    EXPECT_EQ(first_values(samples), first_values(expected)) << "pieces of " << piece;
    EXPECT_EQ(parser.counters().rejected, 2U) << "pieces of " << piece;
  }
}

TEST(LineParser, WaitsForTheEndOfALine) {
  LineParser parser(two_columns(), LineFormat::csv, 0.0);
  std::vector<Sample> samples;
  feed(parser, "1,2", 1, samples);
  EXPECT_TRUE(samples.empty());
  feed(parser, "5\n", 2, samples);
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].values[1], 25.0f);
  EXPECT_EQ(samples[0].time_ns, 2);
}

TEST(LineParser, CountsTheHalfLineItJoinedIn) {
  LineParser parser(two_columns(), LineFormat::csv, 0.0);
  parser.join_mid_line();
  std::vector<Sample> samples;
  feed(parser, "9,2\n3,4\n", 1, samples);
  EXPECT_EQ(first_values(samples), std::vector<float>{3});
  EXPECT_EQ(parser.counters().rejected, 1U);
}

TEST(LineParser, RejectsEndlessLinesInConstantMemory) {
  LineParser parser(two_columns(), LineFormat::csv, 0.0);
  std::vector<Sample> samples;
  for (int i = 0; i < 1000; ++i) feed(parser, std::string(1000, '1'), 1, samples);
  EXPECT_EQ(parser.counters().rejected, 0U);
  feed(parser, "\n1,2\n", 1, samples);
  EXPECT_EQ(parser.counters().rejected, 1U);
  EXPECT_EQ(first_values(samples), std::vector<float>{1});
  feed(parser, std::string(max_line_bytes + 1, '1') + "\n2,2\n", 1, samples);
  EXPECT_EQ(parser.counters().rejected, 2U);
  EXPECT_EQ(first_values(samples), (std::vector<float>{1, 2}));
}

TEST(LineParser, SpreadsLinesThatArrivedTogetherOverTheirTime) {
  LineParser parser(two_columns(), LineFormat::csv, 100.0);
  std::vector<Sample> samples;
  feed(parser, "1,0\n2,0\n3,0\n", 1'000'000'000, samples);
  ASSERT_EQ(samples.size(), 3U);
  EXPECT_EQ(samples[0].time_ns, 980'000'000);
  EXPECT_EQ(samples[2].time_ns, 1'000'000'000);
  feed(parser, "4,0\n5,0\n", 1'005'000'000, samples);
  ASSERT_EQ(samples.size(), 5U);
  EXPECT_GT(samples[3].time_ns, samples[2].time_ns);
  EXPECT_EQ(samples[4].time_ns, 1'005'000'000);
}

}  // namespace
}  // namespace haltere::sensors
