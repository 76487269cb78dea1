#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/fakes/far_end.hpp"
#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

class Board : public testing::Test {
 protected:
  void open(const std::string& columns, const std::string& more = "") {
    auto opened = fakes::open_sensor(
        "serial_lines", "{device: " + far_.name() + ", columns: " + columns + more + "}", buses_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    sensor_ = std::move(*opened);
  }

  void send(std::string_view text) const { far_.send(text); }

  Status read(std::vector<Sample>& samples) {
    pollfd wait{.fd = sensor_->wake().fd, .events = POLLIN, .revents = 0};
    EXPECT_EQ(poll(&wait, 1, 5000), 1);
    return sensor_->read(77, samples);
  }

  fakes::FarEnd far_;
  Buses buses_;
  std::unique_ptr<Sensor> sensor_;
};

TEST_F(Board, SendsSamplesInSiUnitsWithTheHostsTime) {
  open("['ax:g', 'temp:celsius']");
  send("1,25\r\n-2,-3.5\n");
  std::vector<Sample> samples;
  ASSERT_TRUE(read(samples).ok());
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_FLOAT_EQ(samples[0].values[0], 9.80665f);
  EXPECT_EQ(samples[1].values[1], -3.5f);
  EXPECT_EQ(samples[0].time_ns, 77);
  EXPECT_TRUE(samples[0].starts_segment);
}

TEST_F(Board, CountsAHalfLineAtTheStartAndKeepsTheReason) {
  open("[a, b]");
  send(".5\n1,2\n3,4,5\n6,7\n");
  std::vector<Sample> samples;
  ASSERT_TRUE(read(samples).ok());
  EXPECT_EQ(samples.size(), 2U);
  EXPECT_EQ(sensor_->counters().rejected, 2U);
  EXPECT_EQ(sensor_->last_rejection(), "3 columns instead of 2");
}

TEST_F(Board, ReadsJsonWhereItIsToldTo) {
  open("[a]", ", format: json");
  send("{\"a\": 3}\n4\n");
  std::vector<Sample> samples;
  ASSERT_TRUE(read(samples).ok());
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(sensor_->counters().rejected, 1U);
}

TEST_F(Board, IsUnavailableAfterAHangUp) {
  open("[a]");
  far_.hang_up();
  std::vector<Sample> samples;
  const Status status = read(samples);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
}

TEST_F(Board, SurvivesAFloodOfNoise) {
  open("[a]");
  fcntl(far_.fd(), F_SETFL, O_NONBLOCK);
  std::vector<Sample> samples;
  unsigned state = 20261121;
  for (int i = 0; i < 200; ++i) {
    std::string noise;
    for (int k = 0; k < 1000; ++k)
      noise += static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
    [[maybe_unused]] const ssize_t sent = write(far_.fd(), noise.data(), noise.size());
    ASSERT_TRUE(sensor_->read(1, samples).ok());
  }
  EXPECT_GT(sensor_->counters().rejected, 0U);
}

class ReplayFile : public testing::Test {
 protected:
  void open(const std::string& more) {
    std::ofstream(path_) << "t,a\n0,1\n0.010,2\n0.020,3\nx,4\n0.030,5\n";
    auto opened = fakes::open_sensor(
        "replay", "{path: " + path_ + ", columns: ['t:s', a]" + more + "}", buses_);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    sensor_ = std::move(*opened);
  }
  void TearDown() override { unlink(path_.c_str()); }

  std::size_t read(TimeNs now_ns) {
    std::vector<Sample> samples;
    EXPECT_TRUE(sensor_->read(now_ns, samples).ok());
    return samples.size();
  }

  std::string path_ =
      testing::TempDir() + "replay_sensor_test." + std::to_string(getpid()) + ".csv";
  Buses buses_;
  std::unique_ptr<Sensor> sensor_;
};

TEST_F(ReplayFile, RunsAtTheRecordedPace) {
  open("");
  EXPECT_EQ(read(1'000'000'000), 1U);
  EXPECT_EQ(read(1'009'000'000), 0U);
  EXPECT_EQ(read(1'021'000'000), 2U);
  EXPECT_EQ(read(9'000'000'000), 1U);
  EXPECT_EQ(sensor_->counters().rejected, 1U);
  EXPECT_EQ(sensor_->wake().period.count(), 0);
}

TEST_F(ReplayFile, RunsFasterOnRequest) {
  open(", speed: 10");
  EXPECT_EQ(read(0), 1U);
  EXPECT_EQ(read(2'000'000), 2U);
}

TEST_F(ReplayFile, RunsAsFastAsItGoesAndThenFallsSilent) {
  open(", speed: max");
  pollfd wait{.fd = sensor_->wake().fd, .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&wait, 1, 0), 1);
  EXPECT_EQ(read(0), 4U);
  EXPECT_EQ(poll(&wait, 1, 0), 0);
  EXPECT_EQ(read(1), 0U);
}

TEST(Replay, SaysWhatIsWrongWithTheSpeed) {
  EXPECT_EQ(fakes::problem_with("replay", "{path: x, columns: [a], speed: fast}"),
            "'fast' is no speed; write max or a factor, as in 10");
}

}  // namespace
}  // namespace haltere::sensors
