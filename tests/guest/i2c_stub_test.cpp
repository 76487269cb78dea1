// Our drivers on the kernel's SMBus-only i2c-stub, compared with the kernel's own drivers.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/i2c-dev.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "tests/fakes/open_sensor.hpp"
#include "tests/guest/kernel.hpp"

extern "C" {
#include <i2c/smbus.h>
}

namespace haltere::guest {
namespace {

class I2cStub : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(eventually([&] { return !(adapter_ = find_adapter("SMBus stub")).empty(); }));
    buses_.add_i2c("stub", "/dev/" + adapter_);
  }

  /// Fills the cells of the chip; the stub keeps a 16-bit word for each register.
  void set_bytes(int address, int first, std::initializer_list<int> bytes) {
    for (const int byte : bytes) {
      EXPECT_EQ(with_chip(address,
                          [&](int fd) {
                            return i2c_smbus_write_byte_data(fd, static_cast<std::uint8_t>(first),
                                                             static_cast<std::uint8_t>(byte));
                          }),
                0);
      ++first;
    }
  }
  void set_word(int address, int cell, int word) {
    EXPECT_EQ(with_chip(address,
                        [&](int fd) {
                          return i2c_smbus_write_word_data(fd, static_cast<std::uint8_t>(cell),
                                                           static_cast<std::uint16_t>(word));
                        }),
              0);
  }

  std::unique_ptr<sensors::Sensor> open(std::string_view platform, const std::string& more) {
    auto opened = fakes::open_sensor(platform, "{bus: stub" + more + "}", buses_);
    if (opened) return std::move(*opened);
    ADD_FAILURE() << opened.error().message;
    return nullptr;
  }

  /// The values of the next sample, whose reads may come up empty for a while.
  static std::vector<double> next_values(sensors::Sensor& sensor) {
    std::vector<sensors::Sample> samples;
    for (int i = 0; samples.empty() && i < 20; ++i) {
      const Status status = sensor.read(monotonic_ns(), samples);
      if (!status) ADD_FAILURE() << status.error().message;
    }
    if (samples.empty()) return std::vector<double>(6, -1.0);
    return {samples.back().row().begin(), samples.back().row().end()};
  }

  std::string adapter_;
  sensors::Buses buses_;

 private:
  template <typename Action>
  int with_chip(int address, Action action) {
    const int fd = ::open(("/dev/" + adapter_).c_str(), O_RDWR | O_CLOEXEC);
    EXPECT_EQ(ioctl(fd, I2C_SLAVE, static_cast<unsigned long>(address)), 0);
    const int result = action(fd);
    close(fd);
    return result;
  }
};

TEST_F(I2cStub, Tmp102AgreesWithTheKernelsThermometer) {
  // The stub's register 1 is at once the second byte of register 0 in a block: 0x60 for both.
  for (const int high : {0x19, 0x00, 0xE7, 0xC9}) {
    set_bytes(0x48, 1, {0x60});
    set_word(0x48, 0, 0x60 << 8 | high);
    const auto sensor = open("tmp102", "");
    ASSERT_NE(sensor, nullptr);
    const double ours = next_values(*sensor)[0];
    EXPECT_EQ(ours, static_cast<std::int8_t>(high) + 0.375);
    const KernelDriver tmp75(adapter_, "tmp75", "0x48");
    EXPECT_NEAR(tmp75.value("temp1_input"), ours * 1000.0, 1.0);
  }
}

TEST_F(I2cStub, AnAddressThatAKernelDriverHoldsIsBusy) {
  set_bytes(0x48, 1, {0x60});
  const KernelDriver tmp75(adapter_, "tmp75", "0x48");
  const auto sensor = fakes::open_sensor("tmp102", "{bus: stub}", buses_);
  ASSERT_FALSE(sensor.ok());
  EXPECT_EQ(sensor.error().kind, ErrorKind::busy);
}

TEST_F(I2cStub, AnAbsentChipIsUnavailable) {
  const auto sensor = fakes::open_sensor("tmp102", "{bus: stub, address: 0x4a}", buses_);
  ASSERT_FALSE(sensor.ok());
  EXPECT_EQ(sensor.error().kind, ErrorKind::unavailable);
}

TEST_F(I2cStub, Bme280AgreesWithTheKernelsOwnDriver) {
  set_bytes(0x76, 0xD0, {0x60});
  set_bytes(0x76, 0x88,
            {0x70, 0x6B, 0x43, 0x67, 0x18, 0xFC, 0x7D, 0x8E, 0x43, 0xD6, 0xD0, 0x0B, 0x27,
             0x0B, 0x8C, 0x00, 0xF9, 0xFF, 0x8C, 0x3C, 0xF8, 0xC6, 0x70, 0x17, 0x00, 75});
  set_bytes(0x76, 0xE1, {0x6A, 0x01, 0x00, 0x13, 0x2B, 0x03, 0x1E});
  const std::vector<std::vector<int>> measurements{
      {0x65, 0x5A, 0xC0, 0x7E, 0xED, 0x00, 0x75, 0x30},   // the data sheet's example, 25.08 °C
      {0x50, 0x12, 0x30, 0x64, 0x00, 0x10, 0x5A, 0x00},   // below zero
      {0x70, 0x00, 0x00, 0x90, 0x12, 0x30, 0x88, 0x88}};  // hot
  for (const std::vector<int>& bytes : measurements) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      set_bytes(0x76, 0xF7 + static_cast<int>(i), {bytes[i]});
    }
    const auto sensor = open("bme280_i2c", "");
    ASSERT_NE(sensor, nullptr);
    const std::vector<double> ours = next_values(*sensor);
    const KernelDriver bme280(adapter_, "bme280", "0x76");
    EXPECT_NEAR(bme280.value("in_temp_input"), ours[0] * 1000.0, 10.0);
    EXPECT_NEAR(bme280.value("in_pressure_input"), ours[1] / 1000.0, 0.005);
    EXPECT_NEAR(bme280.value("in_humidityrelative_input"), ours[2] * 1000.0, 50.0);
  }
}

TEST_F(I2cStub, Mpu6050AgreesWithTheKernelsOwnDriver) {
  set_bytes(0x68, 0x75, {0x68});
  const auto sensor = open("mpu6050", ", accel_range: 2g, gyro_range: 2000dps");
  ASSERT_NE(sensor, nullptr);
  set_bytes(0x68, 0x3B,
            {0x12, 0x34, 0xE0, 0x01, 0x40, 0x00, 0, 0, 0x01, 0x02, 0xFF, 0xFE, 0x7F, 0xFF});
  const std::vector<double> ours = next_values(*sensor);  // the stub has no FIFO: from registers
  const KernelDriver mpu6050(adapter_, "mpu6050", "0x68");
  const double accel_scale = mpu6050.value("in_accel_scale");
  const double gyro_scale = mpu6050.value("in_anglvel_scale");
  const std::array<std::string, 6> names{"in_accel_x_raw",   "in_accel_y_raw",
                                         "in_accel_z_raw",   "in_anglvel_x_raw",
                                         "in_anglvel_y_raw", "in_anglvel_z_raw"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double theirs = mpu6050.value(names[i]) * (i < 3 ? accel_scale : gyro_scale);
    // The kernel prints its scale with three to six digits.
    EXPECT_NEAR(theirs, ours[i], 0.001 * std::abs(ours[i]) + 1e-6) << names[i];
  }
}

}  // namespace
}  // namespace haltere::guest
