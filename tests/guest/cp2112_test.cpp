// Our I2C bus and GPIO line on the kernel's driver for a USB bridge, whose hardware is simulated.

#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <memory>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/i2c_bus.hpp"
#include "tests/fakes/fake_mpu6050.hpp"
#include "tests/fakes/open_sensor.hpp"
#include "tests/guest/cp2112_simulator.hpp"
#include "tests/guest/kernel.hpp"

namespace haltere::guest {
namespace {

class Bridge : public testing::Test {
 protected:
  void SetUp() override {
    chip_->set(0x00, {0x19, 0x80});
    bridge_.attach(0x48, chip_);
    ASSERT_TRUE(wait_for_adapter());
  }

  bool wait_for_adapter() {
    return eventually([&] { return !(adapter_ = find_adapter("CP2112")).empty(); });
  }

  /// What a read of two bytes at 0x48 gives: them, or the kind of error.
  static std::string read_word(sensors::I2cBus& bus) {
    std::array<std::uint8_t, 2> bytes{};
    const Status status = bus.read(0x48, 0x00, bytes);
    if (!status) return std::string(to_string(status.error().kind));
    return std::to_string(bytes[0]) + " " + std::to_string(bytes[1]);
  }

  /// Whether a read comes to give `expected`. The kernel's driver allows the bridge 50 ms for an
  /// answer, which a simulated one misses now and then on a busy machine; such a read is a timeout.
  static bool comes_to_read(sensors::I2cBus& bus, std::string_view expected) {
    return eventually([&] { return read_word(bus) == expected; });
  }

  std::shared_ptr<fakes::FakeChip> chip_ = std::make_shared<fakes::FakeChip>();
  Cp2112Simulator bridge_;
  std::string adapter_;
};

TEST_F(Bridge, CarriesPlainI2cTransfersAndTheirFaults) {
  const auto opened = sensors::open_i2c_bus("/dev/" + adapter_);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  sensors::I2cBus& bus = **opened;
  EXPECT_GT(bus.max_transfer_bytes(), 32U);
  EXPECT_TRUE(comes_to_read(bus, "25 128"));
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ASSERT_TRUE(eventually([&] { return bus.write(0x48, 0x10, bytes).ok(); }));
  EXPECT_EQ(chip_->registers[0x12], 3);
  // This driver calls a missing acknowledge a timeout.
  bridge_.set_fault(0x48, BridgeFault::not_acknowledged);
  EXPECT_TRUE(comes_to_read(bus, "timeout"));
  bridge_.set_fault(0x48, BridgeFault::arbitration_lost);
  EXPECT_TRUE(comes_to_read(bus, "i/o error"));
  bridge_.set_fault(0x48, BridgeFault::busy_for_ever);
  EXPECT_TRUE(comes_to_read(bus, "timeout"));
  bridge_.set_fault(0x48, BridgeFault::none);
  EXPECT_TRUE(comes_to_read(bus, "25 128"));
}

TEST_F(Bridge, ComesBackAfterItWasUnpluggedInUse) {
  const auto opened = sensors::open_i2c_bus("/dev/" + adapter_);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(comes_to_read(**opened, "25 128"));
  bridge_.unplug();
  ASSERT_TRUE(eventually([] { return find_adapter("CP2112").empty(); }));
  for (int i = 0; i < sensors::i2c_failures_before_close; ++i)
    EXPECT_NE(read_word(**opened), "25 128");
  EXPECT_EQ(read_word(**opened), "not found");  // closed, so the kernel could let the adapter go
  bridge_.plug();
  const std::string before = adapter_;
  ASSERT_TRUE(wait_for_adapter());
  EXPECT_EQ(adapter_, before);
  EXPECT_TRUE(comes_to_read(**opened, "25 128"));
}

TEST_F(Bridge, CarriesTheFifoOfAnMpu6050) {
  const auto chip = std::make_shared<fakes::FakeMpu6050>();
  bridge_.attach(0x68, chip);
  sensors::Buses buses;
  buses.add_i2c("usb", "/dev/" + adapter_);
  Result<std::unique_ptr<sensors::Sensor>> sensor = Error{};
  std::vector<sensors::Sample> samples;
  // A transfer that missed the limit makes the driver start its FIFO anew: measure again, too.
  ASSERT_TRUE(eventually([&] {
    sensor = fakes::open_sensor("mpu6050", "{bus: usb, rate: 100Hz}", buses);
    if (!sensor) return false;
    {
      const auto held = bridge_.lock();
      for (int i = 0; i < 45; ++i) chip->measure({i, -i, 8192, 0, 0, 16384});
    }
    samples.clear();
    return (*sensor)->read(monotonic_ns(), samples).ok();
  }));
  ASSERT_EQ(samples.size(), 45U);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(samples[i].values[0]), static_cast<double>(i) * 9.80665 / 8192,
                1e-5);
    EXPECT_NEAR(static_cast<double>(samples[i].values[2]), 9.80665, 1e-5);
    EXPECT_NEAR(static_cast<double>(samples[i].values[5]), 250 * std::numbers::pi / 180, 1e-5);
  }
}

class BridgeButton : public Bridge {
 protected:
  Result<std::unique_ptr<sensors::Sensor>> open() {
    return fakes::open_sensor("gpio", "{chip: cp2112_gpio, line: 3, debounce: 60ms}", buses_);
  }

  /// Polls and reads as a bus thread would, until a sample or an error came.
  static Result<sensors::Sample> next(sensors::Sensor& sensor) {
    std::vector<sensors::Sample> samples;
    Status status;
    eventually([&] {
      const sensors::Wake wake = sensor.wake();
      pollfd wait{.fd = wake.fd, .events = POLLIN, .revents = 0};
      poll(&wait, 1,
           wake.period.count() > 0 ? static_cast<int>(wake.period.count() / 1'000'000) : 1000);
      status = sensor.read(monotonic_ns(), samples);
      return !status || !samples.empty();
    });
    if (!status) return status.error();
    if (samples.empty()) return Error{ErrorKind::timeout, "no sample came"};
    return samples.front();
  }

  sensors::Buses buses_;
};

TEST_F(BridgeButton, GivesEdgesWithTheKernelsTime) {
  const auto button = open();
  ASSERT_TRUE(button.ok()) << button.error().message;
  EXPECT_EQ(next(**button)->values[0], 0.0f);
  for (const bool pressed : {true, false, true}) {
    const std::int64_t before = monotonic_ns();
    bridge_.set_line(3, pressed);
    const auto sample = next(**button);
    ASSERT_TRUE(sample.ok()) << sample.error().message;
    EXPECT_EQ(sample->values[0], pressed ? 1.0f : 0.0f);
    EXPECT_GT(sample->time_ns, before);
    EXPECT_LT(sample->time_ns, monotonic_ns());
  }
}

// Not unplugged in use: the interrupt of a line that is requested goes with its chip, and this
// kernel's driver writes to freed memory from then on ("Trying to free already-free IRQ"), so that
// anything may crash. What the sensor says then is tested with a line of our own, in gpio_test.cpp.
TEST_F(BridgeButton, IsBusyAbsentAndBackAgain) {
  auto button = open();
  ASSERT_TRUE(button.ok()) << button.error().message;
  const auto second = open();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  ASSERT_TRUE(next(**button).ok());
  button->reset();
  bridge_.unplug();
  bridge_.wait_until_unplugged();
  const auto absent = open();
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  bridge_.plug();
  ASSERT_TRUE(eventually([&] { return (button = open()).ok(); })) << button.error().message;
  EXPECT_TRUE(next(**button).ok());
}

}  // namespace
}  // namespace haltere::guest
