#include "agent/health/sensor_keeper.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>

#include "tests/fakes/scripted_sensor.hpp"

namespace haltere::agent {
namespace {

using fakes::Script;
using fakes::ScriptedSensor;
using sensors::TimeNs;

constexpr TimeNs ms = 1'000'000;
constexpr TimeNs s = 1000 * ms;

class SensorKeeperTest : public testing::Test {
 protected:
  SensorKeeper::Open open() {
    return [this]() -> Result<std::unique_ptr<sensors::Sensor>> {
      ++opened_;
      if (absent_) return Error{ErrorKind::not_found, "no such device"};
      return std::unique_ptr<sensors::Sensor>(std::make_unique<ScriptedSensor>(script_));
    };
  }
  // Lets time pass, as the bus thread would.
  void run_until(TimeNs end_ns) {
    while (keeper_.next().due_ns <= end_ns) {
      now_ns_ = std::max(now_ns_, keeper_.next().due_ns);
      keeper_.service(now_ns_, false, samples_);
    }
    now_ns_ = end_ns;
  }

  std::shared_ptr<Script> script_ = std::make_shared<Script>();
  bool absent_ = false;
  int opened_ = 0;
  SensorKeeper keeper_{"air", 3, open()};
  TimeNs now_ns_ = 0;
  std::vector<sensors::Sample> samples_;
};

TEST_F(SensorKeeperTest, readsAtThePeriodAndNumbersSamples) {
  run_until(95 * ms);
  ASSERT_EQ(samples_.size(), 10U) << "one each 10 ms, from 0 on";
  for (const auto& sample : samples_) EXPECT_EQ(sample.sensor, 3);
  EXPECT_TRUE(keeper_.health().connected);
  EXPECT_EQ(keeper_.health().counters.samples, 10U);
}

TEST_F(SensorKeeperTest, anAbsentDeviceIsLookedForAtLeastEveryTwoSeconds) {
  absent_ = true;
  run_until(60 * s);
  EXPECT_GE(opened_, 30);
  EXPECT_LE(opened_, 34);
  EXPECT_FALSE(keeper_.health().connected);
  EXPECT_EQ(keeper_.health().last_fault, "no such device");
  absent_ = false;
  run_until(62 * s);
  EXPECT_FALSE(samples_.empty());
  EXPECT_TRUE(keeper_.health().connected);
}

TEST_F(SensorKeeperTest, afterItWentAwayTheFirstSampleStartsASegment) {
  run_until(20 * ms);
  script_->failures = {{ErrorKind::unavailable, "unplugged"}};
  run_until(5 * s);
  EXPECT_EQ(opened_, 2);
  EXPECT_EQ(keeper_.health().reopened, 1U);
  std::size_t starts = 0;
  for (const auto& sample : samples_) starts += sample.starts_segment ? 1 : 0;
  EXPECT_EQ(starts, 1U);
  EXPECT_EQ(keeper_.health().counters.samples, samples_.size()) << "summed over both openings";
}

TEST_F(SensorKeeperTest, aPassingFaultDoesNotCloseTheDevice) {
  run_until(20 * ms);
  script_->failures = {{ErrorKind::timeout, "no answer"}, {ErrorKind::io, "arbitration lost"}};
  run_until(2 * s);
  EXPECT_EQ(opened_, 1);
  EXPECT_TRUE(keeper_.health().connected);
}

TEST_F(SensorKeeperTest, aDeviceThatKeepsFailingIsReopenedWithGrowingPauses) {
  script_->failures = std::deque<Error>(1000, {ErrorKind::io, "remote I/O error"});
  run_until(600 * s);
  EXPECT_GE(opened_, 12);
  EXPECT_LE(opened_, 25) << "pauses grow to 60 s";
}

/// A board at 100 Hz whose clock is 50 ppm slow and started at another time, behind a line that
/// takes up to 20 ms.
class RemoteSensor final : public sensors::Sensor {
 public:
  [[nodiscard]] const sensors::Layout& layout() const override { return layout_; }
  [[nodiscard]] sensors::Wake wake() const override {
    return {.fd = -1, .period = std::chrono::milliseconds(10)};
  }
  [[nodiscard]] const sensors::SensorCounters& counters() const override { return counters_; }
  Status read(TimeNs now_ns, std::vector<sensors::Sample>& samples) override {
    const auto delay_ns = static_cast<TimeNs>(random_() % 20'000'000U);
    sensors::Sample sample;
    sample.time_ns = now_ns - delay_ns - (now_ns - delay_ns) / 20'000 + 987 * s;
    sample.count = 1;
    sample.values[0] = static_cast<float>(now_ns - delay_ns) * 1e-9F;  // when it was taken
    samples.push_back(sample);
    return {};
  }

 private:
  sensors::Layout layout_{.channels = {{"x", sensors::Quantity::number}}, .rate_hz = 100.0};
  sensors::SensorCounters counters_;
  std::mt19937 random_{20261122};
};

TEST(SensorKeeperClock, aBoardsOwnTimesBecomeTheHosts) {
  SensorKeeper keeper(
      "far", 0,
      [] { return Result<std::unique_ptr<sensors::Sensor>>(std::make_unique<RemoteSensor>()); },
      true);
  std::vector<sensors::Sample> samples;
  for (TimeNs now = 0; now < 60 * s; now += 10 * ms) keeper.service(now, false, samples);
  ASSERT_GT(samples.size(), 5000U);
  for (const sensors::Sample& sample : samples) {
    const double taken_s = static_cast<double>(sample.values[0]);
    const double stamped_s = 1e-9 * static_cast<double>(sample.time_ns);
    EXPECT_NEAR(stamped_s, taken_s, taken_s > 20.0 ? 0.5e-3 : 25e-3);
    EXPECT_FALSE(sample.starts_segment);
  }
}

}  // namespace
}  // namespace haltere::agent
