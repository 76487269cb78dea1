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
    thermometer->set(0x00, {0x19, 0x80});
    bridge.attach(0x48, thermometer);
    ASSERT_TRUE(wait_for_adapter());
  }

  bool wait_for_adapter() {
    return eventually([&] { return !(adapter = find_adapter("CP2112")).empty(); });
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

  std::shared_ptr<fakes::FakeChip> thermometer = std::make_shared<fakes::FakeChip>();
  Cp2112Simulator bridge;
  std::string adapter;
};

TEST_F(Bridge, CarriesPlainI2cTransfersAndTheirFaults) {
  const auto opened = sensors::open_i2c_bus("/dev/" + adapter);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  sensors::I2cBus& bus = **opened;
  EXPECT_GT(bus.max_transfer_bytes(), 32U);
  EXPECT_TRUE(comes_to_read(bus, "25 128"));
  const std::array<std::uint8_t, 3> bytes{1, 2, 3};
  ASSERT_TRUE(eventually([&] { return bus.write(0x48, 0x10, bytes).ok(); }));
  EXPECT_EQ(thermometer->registers[0x12], 3);
  // This driver calls a missing acknowledge a timeout.
  bridge.set_fault(0x48, BridgeFault::not_acknowledged);
  EXPECT_TRUE(comes_to_read(bus, "timeout"));
  bridge.set_fault(0x48, BridgeFault::arbitration_lost);
  EXPECT_TRUE(comes_to_read(bus, "i/o error"));
  bridge.set_fault(0x48, BridgeFault::busy_for_ever);
  EXPECT_TRUE(comes_to_read(bus, "timeout"));
  bridge.set_fault(0x48, BridgeFault::none);
  EXPECT_TRUE(comes_to_read(bus, "25 128"));
}

TEST_F(Bridge, ComesBackAfterItWasUnpluggedInUse) {
  const auto opened = sensors::open_i2c_bus("/dev/" + adapter);
  ASSERT_TRUE(opened.ok());
  EXPECT_TRUE(comes_to_read(**opened, "25 128"));
  bridge.unplug();
  ASSERT_TRUE(eventually([] { return find_adapter("CP2112").empty(); }));
  for (int i = 0; i < sensors::i2c_failures_before_close; ++i)
    EXPECT_NE(read_word(**opened), "25 128");
  EXPECT_EQ(read_word(**opened), "not found");  // closed, so the kernel could let the adapter go
  bridge.plug();
  const std::string before = adapter;
  ASSERT_TRUE(wait_for_adapter());
  EXPECT_EQ(adapter, before);
  EXPECT_TRUE(comes_to_read(**opened, "25 128"));
}

TEST_F(Bridge, CarriesTheFifoOfAnMpu6050) {
  const auto chip = std::make_shared<fakes::FakeMpu6050>();
  bridge.attach(0x68, chip);
  sensors::Buses buses;
  buses.add_i2c("usb", "/dev/" + adapter);
  Result<std::unique_ptr<sensors::Sensor>> sensor = Error{};
  std::vector<sensors::Sample> samples;
  // A transfer that missed the limit makes the driver start its FIFO anew: measure again, too.
  ASSERT_TRUE(eventually([&] {
    sensor = fakes::open_sensor("mpu6050", "{bus: usb, rate: 100Hz}", buses);
    if (!sensor) return false;
    {
      const auto held = bridge.lock();
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
  void TearDown() override { close(); }

  Status open() {
    auto opened = fakes::open_sensor("gpio", "{chip: cp2112_gpio, line: 3, debounce: 60ms}", buses);
    if (!opened) return opened.error();
    button = std::move(opened).value();
    return {};
  }

  /// Between two of the kernel's polls of the lines: it waits for one that is under way with a spin
  /// lock held ("scheduling while atomic" in its log), after which this program's next access to a
  /// new page may end it.
  void close() {
    if (!button) return;
    bridge.wait_for_poll();
    button.reset();
  }

  /// Polls and reads as a bus thread would, until a sample or an error came.
  Result<sensors::Sample> next() {
    sensors::Sensor& sensor = *button;
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

  sensors::Buses buses;
  std::unique_ptr<sensors::Sensor> button;
};

TEST_F(BridgeButton, GivesEdgesWithTheKernelsTime) {
  const Status opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(next()->values[0], 0.0f);
  for (const bool pressed : {true, false, true}) {
    const std::int64_t before = monotonic_ns();
    bridge.set_line(3, pressed);
    const auto sample = next();
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
  Status opened = open();
  ASSERT_TRUE(opened) << opened.error().message;
  const Status second = open();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::busy);
  ASSERT_TRUE(next().ok());
  close();
  bridge.unplug();
  bridge.wait_until_unplugged();
  const Status absent = open();
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  bridge.plug();
  ASSERT_TRUE(eventually([&] { return bool(opened = open()); })) << opened.error().message;
  EXPECT_TRUE(next().ok());
}

}  // namespace
}  // namespace haltere::guest
