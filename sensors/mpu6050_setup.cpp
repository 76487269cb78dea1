#include "sensors/mpu6050_setup.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace haltere::sensors {
namespace {

constexpr double gravity_mps2 = 9.80665;
constexpr double gyro_rate_hz = 1000.0;    // with the low-pass on (section 4.2)
constexpr unsigned clock_gyro_x = 0x01;    // PWR_MGMT_1 (section 4.28); bit 6, sleep, is cleared
constexpr unsigned accel_and_gyro = 0x78;  // FIFO_EN (section 4.6)
constexpr unsigned fifo_on = 0x40;         // USER_CTRL (section 4.27)

/// DLPF_CFG with the widest band not above half of `rate_hz` (section 4.3).
unsigned low_pass(double rate_hz) {
  constexpr std::array bandwidths_hz{184.0, 94.0, 44.0, 21.0, 10.0};
  const auto fits = [&](double bandwidth_hz) { return bandwidth_hz <= rate_hz / 2; };
  return 1 +
         static_cast<unsigned>(std::ranges::find_if(bandwidths_hz, fits) - bandwidths_hz.begin());
}

double divider(double rate_hz) {
  return std::clamp(std::round(gyro_rate_hz / rate_hz), 1.0, 256.0);
}

}  // namespace

double mpu6050_rate_hz(double rate_hz) { return gyro_rate_hz / divider(rate_hz); }

std::array<RegisterSetup, 7> mpu6050_setup(const Mpu6050Options& options) {
  using enum Mpu6050Register;
  return {setup_row(power_1, clock_gyro_x, 0x6F),
          setup_row(rate_divider, static_cast<unsigned>(divider(options.rate_hz)) - 1, 0xFF),
          setup_row(config, low_pass(options.rate_hz), 0x3F),
          setup_row(gyro_config, options.gyro_range << 3, 0xF8),
          setup_row(accel_config, options.accel_range << 3, 0xF8),
          setup_row(fifo_enable, accel_and_gyro, 0xFF),
          setup_row(user_control, fifo_on, 0x20)};
}

Mpu6050Scale mpu6050_scale(const Mpu6050Options& options) {
  const double range_g = 2.0 * (1U << options.accel_range);
  const double range_dps = 250.0 * (1U << options.gyro_range);
  return {.acceleration_mps2 = static_cast<float>(range_g * gravity_mps2 / 32768.0),
          .angular_rate_radps = static_cast<float>(range_dps * std::numbers::pi / 180.0 / 32768.0)};
}

void decode_mpu6050(std::span<const std::uint8_t> acceleration,
                    std::span<const std::uint8_t> angular_rate, Mpu6050Scale scale,
                    Sample& sample) {
  const auto word = [](std::span<const std::uint8_t> bytes, std::size_t i) {
    return static_cast<float>(static_cast<std::int16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]));
  };
  for (std::size_t axis = 0; axis < 3; ++axis) {
    sample.values[axis] = word(acceleration, axis) * scale.acceleration_mps2;
    sample.values[axis + 3] = word(angular_rate, axis) * scale.angular_rate_radps;
  }
  sample.count = 6;
}

}  // namespace haltere::sensors
