#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sensors/i2c_bus.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

/// Registers of the MPU-6050 (InvenSense RM-MPU-6000A-00 revision 4.2, section 3).
enum class Mpu6050Register : std::uint8_t {
  rate_divider = 0x19,
  config = 0x1A,
  gyro_config = 0x1B,
  accel_config = 0x1C,
  fifo_enable = 0x23,
  interrupt_status = 0x3A,
  data = 0x3B,
  user_control = 0x6A,
  power_1 = 0x6B,
  fifo_count = 0x72,
  fifo_data = 0x74,
  who_am_i = 0x75,
};

/// How the chip is to measure. Ranges: 0 = ±2 g and ±250 deg/s, each next one doubles.
struct Mpu6050Options {
  double rate_hz = 100.0;
  unsigned accel_range = 0;
  unsigned gyro_range = 0;
};

/// SI per count.
struct Mpu6050Scale {
  float acceleration_mps2 = 0.0f;
  float angular_rate_radps = 0.0f;
};

/// The gyroscope's 1 kHz, divided by a whole number from 1 to 256: the rate nearest to `rate_hz`.
[[nodiscard]] double mpu6050_rate_hz(double rate_hz);

[[nodiscard]] std::array<RegisterSetup, 7> mpu6050_setup(const Mpu6050Options& options);

[[nodiscard]] Mpu6050Scale mpu6050_scale(const Mpu6050Options& options);

/// Three accelerations from `acceleration` and three angular rates from `angular_rate`, big-endian,
/// into the sample's values.
void decode_mpu6050(std::span<const std::uint8_t> acceleration,
                    std::span<const std::uint8_t> angular_rate, Mpu6050Scale scale, Sample& sample);

}  // namespace haltere::sensors
