#include "sensors/row_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace haltere::sensors {
namespace {

constexpr double g = 9.80665;

Column value(std::string name, std::size_t channel, double factor = 1.0) {
  return {.name = std::move(name), .scale = {.factor = factor}, .channel = channel};
}

std::vector<Column> imu_columns() {
  return {
      {.name = "t", .role = ColumnRole::time},        {.name = "rec", .role = ColumnRole::segment},
      {.name = "gesture", .role = ColumnRole::label}, value("ax", 0, g),
      {.name = "i", .role = ColumnRole::skip},        value("ay", 1)};
}

class ImuLines : public testing::Test {
 protected:
  LineOutcome parse(std::string_view line) { return parser_.parse(line, sample_); }

  RowParser parser_{imu_columns(), LineFormat::automatic};
  Sample sample_;
};

TEST_F(ImuLines, ReadsEachColumnAsWhatItIs) {
  ASSERT_EQ(parse("1.5,7,punch,-2,x, 0.25"), LineOutcome::sample) << parser_.rejection();
  EXPECT_EQ(sample_.time_ns, 1'500'000'000);
  EXPECT_EQ(to_string(sample_.label), "punch");
  ASSERT_EQ(sample_.count, 2);
  EXPECT_EQ(sample_.values[0], static_cast<float>(-2 * g));
  EXPECT_EQ(sample_.values[1], 0.25f);
  EXPECT_TRUE(sample_.starts_segment);
}

TEST_F(ImuLines, ReadsJsonWithTheSameColumns) {
  const std::string line =
      R"({"ay": 0.25, "ax":-2, "more": {"deep": [1, "}"]}, "gesture":"punch", "rec": 7, "t":1.5 })";
  ASSERT_EQ(parse(line), LineOutcome::sample) << parser_.rejection();
  const Sample from_json = sample_;
  RowParser fresh(imu_columns(), LineFormat::csv);
  ASSERT_EQ(fresh.parse("1.5,7,punch,-2,x,0.25", sample_), LineOutcome::sample);
  EXPECT_EQ(from_json.time_ns, sample_.time_ns);
  EXPECT_EQ(from_json.label, sample_.label);
  EXPECT_EQ(from_json.values, sample_.values);
}

TEST_F(ImuLines, StartsASegmentWhenItsTextChangesOrTimeRunsBack) {
  const std::vector<std::pair<const char*, bool>> lines{
      {"1,a,,0,,0", true}, {"2,a,,0,,0", false},     {"3,b,,0,,0", true}, {"3,b,,0,,0", false},
      {"1,b,,0,,0", true}, {"2,\"b\",,0,,0", false}, {"3,,,0,,0", true}};
  for (const auto& [line, starts] : lines) {
    ASSERT_EQ(parse(line), LineOutcome::sample) << line;
    EXPECT_EQ(sample_.starts_segment, starts) << line;
  }
}

TEST_F(ImuLines, ARejectedLineLeavesTheSegmentAlone) {
  ASSERT_EQ(parse("1,a,,0,,0"), LineOutcome::sample);
  ASSERT_EQ(parse("2,b,,nan,,0"), LineOutcome::rejected);
  ASSERT_EQ(parse("3,a,,0,,0"), LineOutcome::sample);
  EXPECT_FALSE(sample_.starts_segment);
  EXPECT_EQ(to_string(sample_.label), "");
}

TEST_F(ImuLines, SaysWhyALineIsNoSample) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"1,a,b,2,3", "5 columns instead of 6"},
      {"1,a,b,2,3,4,5", "7 columns instead of 6"},
      {"1,a,b,2,3,4,", "7 columns instead of 6"},
      {"a,b", "column 't': 'a' is not a time"},
      {"1", "1 columns instead of 6"},
      {"1,a,b,nan,,0", "column 'ax': no value"},
      {"1,a,b,,,0", "column 'ax': no value"},
      {"1,a,b,inf,,0", "column 'ax': 'inf' is not a number"},
      {"1,a,b,0x1f,,0", "column 'ax': '0x1f' is not a number"},
      {"1,a,b,0,,1e39", "column 'ay': '1e39' is out of range"},
      {"1,a,b,0,,1e999", "column 'ay': '1e999' is not a number"},
      {"x,a,b,0,,0", "column 't': 'x' is not a time"},
      {",a,b,0,,0", "column 't': '' is not a time"},
      {"1e300,a,b,0,,0", "column 't': '1e300' is out of range"},
      {"1,a,seventeen letters,0,,0",
       "column 'gesture': label 'seventeen letters' is longer than 16 bytes"},
      {"1,a,\"b,0,,0", "this quote is never closed"},
      {"1,a,b,\x01\xff,,0", "column 'ax': '?\?' is not a number"},
      {"1,a,b,123456789012345678901234567890x,,0",
       "column 'ax': '123456789012345678901234...' is not a number"},
      {"{}", "no key 't'"},
      {R"({"t":1,"ax":2})", "no key 'ay'"},
      {R"({"t":1,"ax":2,"ax":3})", "key 'ax' appears twice"},
      {R"({"t":1,"ax":"2","ay":0})", "column 'ax': '2' is text, not a number"},
      {R"({"t":1,"ax":[2],"ay":0})", "column 'ax': '[2]' is not a number"},
      {R"({"t":1,"ax":null,"ay":0})", "column 'ax': no value"},
      {R"({"t":1,"ax":2,"ay":0)", "not a JSON object on one line"},
      {R"({"t":1,"ax":2,"ay":0}})", "not a JSON object on one line"},
      {R"({"t":1 "ax":2})", "not a JSON object on one line"},
      {R"({"t)", "not a JSON object on one line"},
      {R"({"t":[[[})", "not a JSON object on one line"},
      {R"({"t":1,"gesture":"\u0041","ax":2,"ay":0})",
       "column 'gesture': label with an escape in it"},
  };
  for (const auto& [line, reason] : cases) {
    EXPECT_EQ(parse(line), LineOutcome::rejected) << line;
    EXPECT_EQ(parser_.rejection(), reason) << line;
  }
}

TEST_F(ImuLines, IgnoresEmptyLinesCommentsAndHeaders) {
  for (const char* line : {"", "  ", "# a comment, with commas", "t:s,rec,gesture,ax_g,i,ay",
                           "t,rec:segment,gesture:label,ax:g,i:skip,ay"}) {
    EXPECT_EQ(parse(line), LineOutcome::ignored) << line;
  }
  EXPECT_EQ(parse("t,rec,gesture,ax,i,az"), LineOutcome::rejected);
}

TEST(RowParser, ReadsTrueAndFalseInJson) {
  RowParser parser({value("door", 0)}, LineFormat::json);
  Sample sample;
  ASSERT_EQ(parser.parse(R"({"door":true})", sample), LineOutcome::sample);
  EXPECT_EQ(sample.values[0], 1.0f);
  ASSERT_EQ(parser.parse(R"({"door":false})", sample), LineOutcome::sample);
  EXPECT_EQ(sample.values[0], 0.0f);
  EXPECT_EQ(parser.parse("1", sample), LineOutcome::rejected);
}

TEST(RowParser, KeepsEveryNanosecondOfLongTimes) {
  const std::vector<std::tuple<const char*, double, TimeNs>> cases{
      {"1763721823.123456789", 1.0, 1'763'721'823'123'456'789},
      {"1763721823.1234567899", 1.0, 1'763'721'823'123'456'789},
      {"-0.000000001", 1.0, -1},
      {"4294967295", 1e-6, 4'294'967'295'000},
      {"12.5", 1e-3, 12'500'000},
      {"123456789", 1e-9, 123'456'789},
      {"1.5e3", 1.0, 1'500'000'000'000},
      {"0.5", 60.0, 30'000'000'000},
  };
  for (const auto& [text, seconds, time_ns] : cases) {
    RowParser parser(
        {{.name = "t", .role = ColumnRole::time, .scale = {.factor = seconds}}, value("x", 0)},
        LineFormat::csv);
    Sample sample;
    ASSERT_EQ(parser.parse(std::string(text) + ",0", sample), LineOutcome::sample) << text;
    EXPECT_EQ(sample.time_ns, time_ns) << text;
  }
}

}  // namespace
}  // namespace haltere::sensors
