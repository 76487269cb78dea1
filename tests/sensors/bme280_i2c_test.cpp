#include <gtest/gtest.h>

#include <cerrno>
#include <cmath>
#include <memory>

#include "sensors/bme280_compensation.hpp"
#include "tests/fakes/fake_i2c_bus.hpp"
#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

/// The example of the data sheet of the BMP280 (BST-BMP280-DS001, section 3.12), whose temperature
/// and pressure part is the same; humidity as in the kernel's own test values.
Bme280Calibration example() {
  return {.t1 = 27504,
          .t2 = 26435,
          .t3 = -1000,
          .p1 = 36477,
          .p2 = -10685,
          .p3 = 3024,
          .p4 = 2855,
          .p5 = 140,
          .p6 = -7,
          .p7 = 15500,
          .p8 = -14600,
          .p9 = 6000,
          .h1 = 75,
          .h3 = 0,
          .h2 = 362,
          .h4 = 315,
          .h5 = 50,
          .h6 = 30};
}

std::initializer_list<int> low_registers() {
  static const std::initializer_list<int> bytes{
      0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27,
      0x0B, 0x8C, 0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 75};
  return bytes;
}

std::initializer_list<int> high_registers() {
  static const std::initializer_list<int> bytes{0x6A, 0x01, 0x00, 0x13, 0x2B, 0x03, 0x1E};
  return bytes;
}

TEST(Bme280Compensation, GivesTheDataSheetsExample) {
  const Bme280Values values =
      compensate_bme280(example(), {.temperature = 519888, .pressure = 415148, .humidity = 30000});
  EXPECT_NEAR(static_cast<double>(values.temperature_celsius), 25.08, 0.005);
  EXPECT_NEAR(static_cast<double>(values.pressure_pa), 100653.27, 0.3);
  EXPECT_GT(values.humidity_percent, 0.0f);
  EXPECT_LT(values.humidity_percent, 100.0f);
}

TEST(Bme280Compensation, UndoesTheTemperatureFormulaOverItsRange) {
  float previous = -100.0f;
  for (std::int32_t raw = 330'000; raw < 720'000; raw += 5'000) {
    const Bme280Values values = compensate_bme280(example(), {.temperature = raw});
    EXPECT_GT(values.temperature_celsius, previous);
    previous = values.temperature_celsius;
  }
  EXPECT_LT(compensate_bme280(example(), {.temperature = 330'000}).temperature_celsius, -34.0f);
  EXPECT_GT(previous, 85.0f);
}

TEST(Bme280Compensation, StaysFiniteWhateverTheChipSays) {
  for (const std::uint8_t byte : std::array<std::uint8_t, 4>{0x00, 0x7F, 0x80, 0xFF}) {
    std::array<std::uint8_t, 26> low{};
    std::array<std::uint8_t, 7> high{};
    low.fill(byte);
    high.fill(byte);
    const Bme280Values values =
        compensate_bme280(decode_bme280_calibration(low, high),
                          {.temperature = 0xFFFFF, .pressure = 0xFFFFF, .humidity = 0xFFFF});
    EXPECT_TRUE(std::isfinite(values.temperature_celsius));
    EXPECT_TRUE(std::isfinite(values.pressure_pa));
    EXPECT_GE(values.humidity_percent, 0.0f);
    EXPECT_LE(values.humidity_percent, 100.0f);
  }
}

TEST(Bme280Calibration, SignsItsTwelveBitValues) {
  const std::array<std::uint8_t, 26> low{};
  const std::array<std::uint8_t, 7> high{0x6A, 0xFF, 7, 0xFF, 0x2B, 0x80, 0xFE};
  const Bme280Calibration c = decode_bme280_calibration(low, high);
  EXPECT_EQ(c.h2, -150);
  EXPECT_EQ(c.h3, 7);
  EXPECT_EQ(c.h4, -16 + 0x0B);
  EXPECT_EQ(c.h5, -2048 + 0x02);
  EXPECT_EQ(c.h6, -2);
}

class Bme280 : public testing::Test {
 protected:
  void SetUp() override {
    bus_->chips[0x76] = chip_;
    chip_->set(0xD0, {0x60});
    chip_->set(0x88, low_registers());
    chip_->set(0xE1, high_registers());
    chip_->set(0xF7, {0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00, 0x75, 0x30});
    buses_.add_i2c("i2c1", std::weak_ptr<I2cBus>(bus_));
  }

  Result<std::unique_ptr<Sensor>> open(const std::string& more = "") {
    return fakes::open_sensor("bme280_i2c", "{bus: i2c1, update_interval: 1s" + more + "}", buses_);
  }

  std::shared_ptr<fakes::FakeI2cBus> bus_ = std::make_shared<fakes::FakeI2cBus>(32);
  std::shared_ptr<fakes::FakeChip> chip_ = std::make_shared<fakes::FakeChip>();
  Buses buses_;
};

TEST_F(Bme280, ReadsTheDataSheetsExampleFromItsRegisters) {
  auto sensor = open();
  ASSERT_TRUE(sensor.ok()) << sensor.error().message;
  std::vector<Sample> samples;
  ASSERT_TRUE((*sensor)->read(9, samples).ok());
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].time_ns, 9);
  EXPECT_EQ(samples[0].count, 3);
  EXPECT_NEAR(static_cast<double>(samples[0].values[0]), 25.08, 0.005);
  EXPECT_NEAR(static_cast<double>(samples[0].values[1]), 100653.27, 0.3);
  EXPECT_EQ((*sensor)->layout().channels[1].quantity, Quantity::pressure);
}

TEST_F(Bme280, AppliesItsSettings) {
  ASSERT_TRUE(open(", temperature_oversampling: 2x, pressure_oversampling: 16x, "
                   "humidity_oversampling: 4x, filter: 8x")
                  .ok());
  EXPECT_EQ(chip_->registers[0xF2], 3);
  EXPECT_EQ(chip_->registers[0xF4], 2 << 5 | 5 << 2 | 3);
  EXPECT_EQ(chip_->registers[0xF5], 4 << 5 | 3 << 2);
}

TEST_F(Bme280, ForcedModeGivesTheMeasurementItStartedBefore) {
  auto sensor = open(", mode: forced");
  ASSERT_TRUE(sensor.ok());
  EXPECT_EQ(chip_->registers[0xF4] & 3, 0);
  std::vector<Sample> samples;
  ASSERT_TRUE((*sensor)->read(100, samples).ok());
  EXPECT_TRUE(samples.empty());
  EXPECT_EQ(chip_->registers[0xF4] & 3, 1);
  ASSERT_TRUE((*sensor)->read(200, samples).ok());
  ASSERT_EQ(samples.size(), 1U);
  EXPECT_EQ(samples[0].time_ns, 100);
}

TEST_F(Bme280, CountsAMeasurementThatIsNotThereYet) {
  auto sensor = open();
  ASSERT_TRUE(sensor.ok());
  chip_->set(0xF7, {0x80, 0, 0, 0x80, 0, 0, 0x80, 0});
  std::vector<Sample> samples;
  ASSERT_TRUE((*sensor)->read(1, samples).ok());
  EXPECT_TRUE(samples.empty());
  EXPECT_EQ((*sensor)->counters().rejected, 1U);
}

TEST_F(Bme280, NoticesAChipThatLostItsSetup) {
  auto sensor = open();
  ASSERT_TRUE(sensor.ok());
  chip_->set(0xF2, {0});
  std::vector<Sample> samples;
  Status status;
  for (int i = 0; i < 64 && status; ++i) status = (*sensor)->read(i, samples);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind, ErrorKind::corrupt);
}

TEST_F(Bme280, RefusesAnotherChip) {
  chip_->set(0xD0, {0x58});
  const auto sensor = open();
  ASSERT_FALSE(sensor.ok());
  EXPECT_EQ(sensor.error().message,
            "fake address 0x76: not a BME280; its id is 0x58 instead of 0x60");
}

TEST_F(Bme280, FailsToOpenAtEachTransfer) {
  for (int transfer = 0; transfer < 11; ++transfer) {
    bus_->fail_after(transfer, ETIMEDOUT);
    const auto sensor = open();
    ASSERT_FALSE(sensor.ok()) << transfer;
    EXPECT_EQ(sensor.error().kind, ErrorKind::timeout);
  }
}

}  // namespace
}  // namespace haltere::sensors
