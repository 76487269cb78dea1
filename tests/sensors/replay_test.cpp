#include "sensors/replay.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "sensors/line_parser.hpp"

namespace haltere::sensors {
namespace {

std::vector<Column> imu_columns() {
  return {{.name = "t", .role = ColumnRole::time},
          {.name = "rec", .role = ColumnRole::segment},
          {.name = "gesture", .role = ColumnRole::label},
          {.name = "ax",
           .quantity = Quantity::acceleration,
           .scale = {config::Dimension::acceleration, 9.80665, 0},
           .channel = 0},
          {.name = "gx",
           .quantity = Quantity::angular_rate,
           .scale = {config::Dimension::angular_rate, 0.017453292519943295, 0},
           .channel = 1}};
}

class RecordingFile : public testing::Test {
 protected:
  Result<Recording> open(std::string_view text, double rate_hz = 0.0) {
    std::ofstream(path_, std::ios::binary) << text;
    return Recording::open(path_, imu_columns(), rate_hz);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string path_ = testing::TempDir() + "replay_test." + std::to_string(getpid()) + ".csv";
};

std::vector<Sample> all_of(Result<Recording>& recording) {
  std::vector<Sample> samples;
  if (!recording) {
    ADD_FAILURE() << recording.error().message;
    return samples;
  }
  Sample sample;
  while (*recording->next(sample)) samples.push_back(sample);
  return samples;
}

TEST_F(RecordingFile, FindsColumnsByNameInAnyOrderAndUnit) {
  Result<Recording> recording = open("i,gx_dps,ax:mg,gesture,t:ms,rec\n0,180,1000,flex,1500,3\n");
  const std::vector<Sample> samples = all_of(recording);
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].time_ns, 1'500'000'000);
  EXPECT_EQ(to_string(samples[0].label), "flex");
  EXPECT_FLOAT_EQ(samples[0].values[0], 9.80665f);
  EXPECT_FLOAT_EQ(samples[0].values[1], 3.14159265f);
}

TEST_F(RecordingFile, MakesTimeFromTheRateWithGapsBetweenSegments) {
  Result<Recording> recording = open("rec,ax,gx\n1,0,0\n1,0,0\n2,0,0\n2,x,0\n2,0,0\n", 100.0);
  const std::vector<Sample> samples = all_of(recording);
  ASSERT_EQ(samples.size(), 4U);
  EXPECT_EQ(samples[1].time_ns, 10'000'000);
  EXPECT_EQ(samples[2].time_ns, 1'020'000'000);
  EXPECT_TRUE(samples[2].starts_segment);
  EXPECT_EQ(samples[3].time_ns, 1'030'000'000);
  EXPECT_EQ(recording->counters().rejected, 1U);
  EXPECT_EQ(recording->last_rejection(), path_ + ":5:1: column 'ax': 'x' is not a number");
}

TEST_F(RecordingFile, SaysWhatTheFileHasWhenAColumnIsMissing) {
  const Result<Recording> recording = open("t,ax_g,ay_g\n1,2,3\n");
  ASSERT_FALSE(recording.ok());
  EXPECT_EQ(recording.error().message, path_ + ":1:1: no column 'gx'; the file has t, ax_g, ay_g");
}

TEST_F(RecordingFile, RefusesAUnitOfAnotherQuantity) {
  const Result<Recording> recording = open("t,ax_dps,gx_dps\n1,2,3\n");
  ASSERT_FALSE(recording.ok());
  EXPECT_EQ(recording.error().message,
            path_ + ":1:1: column 'ax_dps' is not in a unit of acceleration");
}

TEST_F(RecordingFile, NeedsATimeOrARate) {
  const Result<Recording> recording = open("ax,gx\n1,2\n");
  ASSERT_FALSE(recording.ok());
  EXPECT_EQ(recording.error().kind, ErrorKind::invalid);
}

TEST_F(RecordingFile, TakesTheHeadersWordForOtherSensors) {
  std::ofstream(path_) << "t:s,rec:segment,what:label,temperature\n1,a,hot,20\n2,b,,21\n";
  const Layout layout{.channels = {{"temperature", Quantity::temperature}}, .rate_hz = 1.0};
  Result<Recording> recording = Recording::open(path_, columns_of(layout), 0.0);
  const std::vector<Sample> samples = all_of(recording);
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_EQ(to_string(samples[0].label), "hot");
  EXPECT_TRUE(samples[1].starts_segment);
  EXPECT_EQ(samples[1].time_ns, 2'000'000'000);
}

TEST_F(RecordingFile, GivesTheSameBytesAsTheLiveLines) {
  std::string lines;
  for (int i = 0; i < 500; ++i) {
    lines += std::to_string(i * 0.0084) + "," + std::to_string(i / 119) +
             (i % 3 ? ",hori," : ",,") + (i % 50 == 7 ? "nan" : std::to_string(0.001 * i * i)) +
             "," + std::to_string(-i) + "e-3\n";
  }
  LineParser live(imu_columns(), LineFormat::automatic, 0.0);
  std::vector<Sample> from_wire;
  live.feed({reinterpret_cast<const std::uint8_t*>(lines.data()), lines.size()}, 123, from_wire);
  Result<Recording> recording = open("t:s,rec:segment,gesture:label,ax:g,gx:dps\n" + lines);
  const std::vector<Sample> from_file = all_of(recording);
  ASSERT_EQ(from_file.size(), from_wire.size());
  for (std::size_t i = 0; i < from_file.size(); ++i) {
    EXPECT_EQ(from_file[i].time_ns, from_wire[i].time_ns);
    EXPECT_EQ(from_file[i].starts_segment, from_wire[i].starts_segment);
    EXPECT_EQ(from_file[i].label, from_wire[i].label);
    EXPECT_EQ(from_file[i].values, from_wire[i].values);
  }
  EXPECT_EQ(recording->counters().rejected, live.counters().rejected);
}

}  // namespace
}  // namespace haltere::sensors
