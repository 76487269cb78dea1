#include "sensors/gpio.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "sensors/gpio_errors.hpp"

namespace haltere::sensors {
namespace {

constexpr TimeNs ms = 1'000'000;

class FakeLine final : public GpioLine {
 public:
  [[nodiscard]] int fd() const override { return 42; }
  Result<bool> active() override {
    if (error_number != 0) return gpio_error("fake", error_number);
    return state;
  }
  Status read(std::vector<GpioEdge>& edges) override {
    edges.insert(edges.end(), waiting.begin(), waiting.end());
    waiting.clear();
    return {};
  }

  void edge(TimeNs time_ns, bool active) {
    waiting.push_back({time_ns, active});
    state = active;
  }

  bool state = false;
  int error_number = 0;
  std::vector<GpioEdge> waiting;
};

class Button : public testing::Test {
 protected:
  void SetUp() override {
    auto line = std::make_unique<FakeLine>();
    line_ = line.get();
    Result<std::unique_ptr<Sensor>> made =
        make_gpio_sensor(std::move(line), std::chrono::milliseconds(20));
    ASSERT_TRUE(made.ok());
    sensor_ = std::move(*made);
  }

  /// Samples of a read at `now_ns` as `TIME_MS=STATE`.
  std::string read(TimeNs now_ns) {
    std::vector<Sample> samples;
    EXPECT_TRUE(sensor_->read(now_ns, samples).ok());
    std::string text;
    for (const Sample& sample : samples) {
      text += (text.empty() ? "" : " ") + std::to_string(sample.time_ns / ms) + "=" +
              (sample.values[0] != 0.0f ? "1" : "0");
    }
    return text;
  }

  FakeLine* line_ = nullptr;
  std::unique_ptr<Sensor> sensor_;
};

TEST_F(Button, GivesItsStateFirst) {
  EXPECT_EQ(read(5 * ms), "5=0");
  EXPECT_EQ(read(6 * ms), "");
  EXPECT_EQ(sensor_->wake().fd, 42);
  EXPECT_EQ(sensor_->layout().channels[0].quantity, Quantity::state);
}

TEST_F(Button, TimesAPressByItsFirstEdge) {
  EXPECT_EQ(read(0), "0=0");
  line_->edge(100 * ms, true);
  EXPECT_EQ(read(101 * ms), "");
  EXPECT_EQ(sensor_->wake().period, std::chrono::milliseconds(20));
  EXPECT_EQ(read(120 * ms), "100=1");
  EXPECT_EQ(sensor_->wake().period, std::chrono::nanoseconds(0));
}

TEST_F(Button, SwallowsBouncing) {
  EXPECT_EQ(read(0), "0=0");
  line_->edge(100 * ms, true);
  line_->edge(102 * ms, false);
  line_->edge(103 * ms, true);
  EXPECT_EQ(read(110 * ms), "");
  EXPECT_EQ(read(125 * ms), "103=1");
  line_->edge(200 * ms, false);
  line_->edge(205 * ms, true);
  EXPECT_EQ(read(300 * ms), "");
}

TEST_F(Button, KeepsPressesThatWereReadLate) {
  EXPECT_EQ(read(0), "0=0");
  line_->edge(100 * ms, true);
  line_->edge(150 * ms, false);
  line_->edge(300 * ms, true);
  EXPECT_EQ(read(1000 * ms), "100=1 150=0 300=1");
}

TEST_F(Button, NoticesAStateWhoseEdgeWasLost) {
  EXPECT_EQ(read(0), "0=0");
  line_->state = true;
  EXPECT_EQ(read(100 * ms), "");
  EXPECT_EQ(read(120 * ms), "100=1");
}

TEST_F(Button, SaysWhenTheChipIsGone) {
  line_->error_number = ENODEV;
  std::vector<Sample> samples;
  const Status status = sensor_->read(0, samples);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::unavailable);
}

TEST(GpioErrors, MapToKinds) {
  EXPECT_EQ(gpio_error("x", ENOENT).kind, ErrorKind::not_found);
  EXPECT_EQ(gpio_error("x", EBUSY).kind, ErrorKind::busy);
  EXPECT_EQ(gpio_error("x", EACCES).kind, ErrorKind::io);
  EXPECT_EQ(gpio_error("x", EINVAL).kind, ErrorKind::invalid);
}

TEST(OpenGpioLine, SaysWhichChipIsMissing) {
  const Result<std::unique_ptr<GpioLine>> line =
      open_gpio_line({.chip = "no-such-chip", .line = 3});
  ASSERT_FALSE(line.ok());
  EXPECT_TRUE(line.error().message.starts_with("no-such-chip line 3: ")) << line.error().message;
}

}  // namespace
}  // namespace haltere::sensors
