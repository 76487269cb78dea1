#include <gtest/gtest.h>

#include <cerrno>
#include <cmath>
#include <memory>

#include "tests/fakes/fake_i2c_bus.hpp"
#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

class Tmp102 : public testing::Test {
 protected:
  void SetUp() override {
    bus_->chips[0x48] = chip_;
    chip_->set(0x01, {0x60});  // R1 R0; the second byte of register 1 lies at 0x02 in this fake
    buses_.add_i2c("i2c1", std::weak_ptr<I2cBus>(bus_));
  }

  Result<std::unique_ptr<Sensor>> open() {
    return fakes::open_sensor("tmp102", "{bus: i2c1, update_interval: 500ms}", buses_);
  }

  static float read_one(Sensor& sensor) {
    std::vector<Sample> samples;
    const Status status = sensor.read(7, samples);
    EXPECT_TRUE(status.ok()) << status.error().message;
    return samples.size() == 1 ? samples[0].values[0] : NAN;
  }

  std::shared_ptr<fakes::FakeI2cBus> bus_ = std::make_shared<fakes::FakeI2cBus>();
  std::shared_ptr<fakes::FakeChip> chip_ = std::make_shared<fakes::FakeChip>();
  Buses buses_;
};

TEST_F(Tmp102, ReadsTheDataSheetsTable) {
  auto sensor = open();
  ASSERT_TRUE(sensor.ok()) << sensor.error().message;
  const std::vector<std::tuple<int, int, float>> twelve_bits{
      // SBOS397I, table 8-2
      {0x7F, 0xF0, 127.9375f}, {0x64, 0x00, 100.0f}, {0x19, 0x00, 25.0f},  {0x00, 0x40, 0.25f},
      {0x00, 0x00, 0.0f},      {0xFF, 0xC0, -0.25f}, {0xE7, 0x00, -25.0f}, {0xC9, 0x00, -55.0f}};
  for (const auto& [high, low, celsius] : twelve_bits) {
    chip_->set(0x00, {high});
    // Register 0's second byte shares a cell with register 1 in this fake: write both at once.
    chip_->registers[0x01] = static_cast<std::uint8_t>(low);
    EXPECT_EQ(read_one(**sensor), celsius);
  }
  chip_->set(0x00, {0x4B, 0x01});  // 13 bits: 150 °C
  EXPECT_EQ(read_one(**sensor), 150.0f);
  chip_->set(0x00, {0xE4, 0x81});  // 13 bits: -55 °C
  EXPECT_EQ(read_one(**sensor), -55.0f);
}

TEST_F(Tmp102, GivesBackEveryTemperatureWithinItsResolution) {
  auto sensor = open();
  ASSERT_TRUE(sensor.ok());
  for (int tenth = -550; tenth <= 1500; tenth += 7) {
    const double celsius = tenth / 10.0;
    const int count = static_cast<int>(std::lround(celsius / 0.0625)) * 8 | 1;
    chip_->set(0x00, {(count >> 8) & 0xFF, count & 0xFF});
    EXPECT_NEAR(static_cast<double>(read_one(**sensor)), celsius, 0.0625 / 2 + 1e-6);
  }
}

TEST_F(Tmp102, SetsItsRateAndWakesTheChip) {
  chip_->set(0x01, {0x61, 0x20});
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(chip_->registers[0x01], 0x60);
  EXPECT_EQ(chip_->registers[0x02], 0x90);  // 4 Hz, 13 bits
}

TEST_F(Tmp102, RefusesAnotherChip) {
  chip_->set(0x01, {0x00});
  EXPECT_EQ(open().error().kind, ErrorKind::corrupt);
}

TEST_F(Tmp102, PassesEachFaultOnAndRecovers) {
  auto sensor = open();
  ASSERT_TRUE(sensor.ok());
  const std::vector<std::pair<int, ErrorKind>> faults{{ENXIO, ErrorKind::unavailable},
                                                      {EREMOTEIO, ErrorKind::unavailable},
                                                      {ENODEV, ErrorKind::unavailable},
                                                      {ETIMEDOUT, ErrorKind::timeout},
                                                      {EAGAIN, ErrorKind::busy},
                                                      {EBUSY, ErrorKind::busy},
                                                      {EIO, ErrorKind::io}};
  for (const auto& [error_number, kind] : faults) {
    bus_->fail_after(0, error_number);
    std::vector<Sample> samples;
    const Status status = (*sensor)->read(1, samples);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind, kind);
    EXPECT_TRUE(samples.empty());
    EXPECT_FALSE(std::isnan(read_one(**sensor)));
  }
}

TEST_F(Tmp102, FailsToOpenAtEachTransfer) {
  for (int transfer = 0; transfer < 2; ++transfer) {
    bus_->fail_after(transfer, EIO);
    EXPECT_EQ(open().error().kind, ErrorKind::io) << transfer;
  }
  bus_->chips.clear();
  EXPECT_EQ(open().error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace haltere::sensors
