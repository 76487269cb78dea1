// A sketch of the package on this machine: a board hands it a model, and it decides by its own
// sensor.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <Haltere.h>
#include "agent/deploy/mcu_link.hpp"
#include "mcu/firmware/wave.hpp"
#include "models/bundle.hpp"
#include "tests/fakes/fd_port.hpp"
#include "tests/fakes/wave_bundle.hpp"

namespace {

using namespace std::chrono_literals;

std::atomic<int> led_value{-1};
std::atomic<bool> label_button{false};
// Its own: each turn of loop takes 0.2 ms, however busy this machine is.
std::atomic<std::uint32_t> clock_us{0};
constexpr std::uint32_t turn_us = 200;
constexpr std::uint8_t label_pin = 2;

}  // namespace

SerialLine Serial;

unsigned long micros() { return clock_us; }

void pinMode(std::uint8_t /*pin*/, std::uint8_t /*mode*/) {}

void digitalWrite(std::uint8_t pin, std::uint8_t value) {
  if (pin == LED_BUILTIN) led_value = value;
}

int digitalRead(std::uint8_t pin) { return pin == label_pin && label_button ? LOW : HIGH; }

// The made-up sensor's movements, a sample each 2 ms.
int analogRead(std::uint8_t pin) {
  std::array<std::int16_t, haltere::firmware::wave_channels> sample{};
  haltere::firmware::wave_sample(static_cast<std::uint32_t>(micros() / 2000), sample.data());
  return 512 + sample.at(pin - A0) / 16;
}

int SerialLine::available() {
  pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
  return poll(&ready, 1, 0) > 0 ? 1 : 0;
}

int SerialLine::read() {
  std::uint8_t byte = 0;
  return recv(fd_, &byte, 1, 0) == 1 ? byte : -1;
}

std::size_t SerialLine::write(const std::uint8_t* bytes, std::size_t count) {
  const ssize_t sent = send(fd_, bytes, count, MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

// As Arduino compiles them, without warnings about narrowing.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
namespace classify_imu {
namespace {
#include "mcu/packages/examples/ClassifyImu/ClassifyImu.ino"
}  // namespace
}  // namespace classify_imu
namespace learn_by_button {
namespace {
#include "mcu/packages/examples/LearnByButton/LearnByButton.ino"
}  // namespace
}  // namespace learn_by_button
#pragma GCC diagnostic pop

namespace haltere::agent {
namespace {

/// A sketch's setup and loop on a thread, and the board at the other end of its line.
class Sketch {
 public:
  Sketch(void (*setup)(), void (*loop)()) {
    const auto [near, far] = fakes::make_line();
    far_ = far;
    Serial.use(far);
    setup();
    thread_ = std::jthread([loop](const std::stop_token& stop) {
      for (; !stop.stop_requested(); clock_us += turn_us) loop();
    });
    link_ = std::make_unique<McuLink>(std::make_unique<fakes::FdPort>(near), "sketch",
                                      LinkPatience{.reply_timeout = 1000ms});
  }
  ~Sketch() {
    stop();
    close(far_);
  }
  Sketch(const Sketch&) = delete;
  Sketch& operator=(const Sketch&) = delete;

  void stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }
  McuLink& link() { return *link_; }

 private:
  int far_ = -1;
  std::jthread thread_;
  std::unique_ptr<McuLink> link_;
};

std::vector<std::uint8_t> model() {
  return fakes::wave_bundle({.rate_hz = 400.0F, .channels = {"ax", "ay", "az"}});
}

McuStatistics after_windows(McuLink& link, std::uint32_t windows) {
  auto statistics = link.statistics();
  for (int i = 0; i < 400 && statistics && statistics->counts.windows < windows; ++i) {
    std::this_thread::sleep_for(20ms);
    statistics = link.statistics();
  }
  return statistics ? *statistics : McuStatistics{};
}

TEST(ArduinoSketch, TakesAModelAndDecidesByItself) {
  Sketch sketch(classify_imu::setup, classify_imu::loop);
  EXPECT_EQ(Serial.baud(), 115200U);
  ASSERT_TRUE(sketch.link().hello());
  const auto bundle = model();
  const auto pushed = sketch.link().push(bundle);
  ASSERT_TRUE(pushed) << pushed.error().message;
  const std::vector<float> features(18, 0.25F);
  auto here = models::Int8Model::create(bundle).value();
  here.run(features);
  const auto there = sketch.link().infer(features);
  ASSERT_TRUE(there) << there.error().message;
  EXPECT_TRUE(std::ranges::equal(here.outputs(), there->outputs));
  const auto watch = sketch.link().watch();
  ASSERT_TRUE(watch);
  EXPECT_EQ(watch->blocked, link::Blocked::none) << watch->missing_bytes << " bytes missing";
  const McuStatistics statistics = after_windows(sketch.link(), 4);
  EXPECT_GE(statistics.counts.windows, 4U);
  sketch.stop();
  classify_imu::loop();
  EXPECT_EQ(led_value, classify_imu::device.decision() > 0 ? HIGH : LOW);
}

TEST(ArduinoSketch, KeepsItsModelOverARestartThatABoardAsksFor) {
  Sketch sketch(classify_imu::setup, classify_imu::loop);
  ASSERT_TRUE(sketch.link().hello());
  ASSERT_TRUE(sketch.link().push(model()));
  ASSERT_TRUE(sketch.link().reset());
  const auto again = sketch.link().hello();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->reset_reason, link::ResetReason::software);
  EXPECT_EQ(again->model_version, 1U);
}

TEST(ArduinoSketch, LearnsWhileItsButtonIsPressed) {
  Sketch sketch(learn_by_button::setup, learn_by_button::loop);
  ASSERT_TRUE(sketch.link().hello());
  ASSERT_TRUE(sketch.link().push(model()));
  auto state = sketch.link().study(true);
  ASSERT_TRUE(state) << state.error().message;
  ASSERT_TRUE(sketch.link().label(1, 0));
  label_button = true;
  for (int i = 0; i < 400 && state && state->steps < 3; ++i) {
    std::this_thread::sleep_for(20ms);
    state = sketch.link().study(true);
  }
  label_button = false;
  ASSERT_TRUE(state);
  EXPECT_GE(state->steps, 3U);
}

}  // namespace
}  // namespace haltere::agent
