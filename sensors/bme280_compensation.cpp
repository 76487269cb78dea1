#include "sensors/bme280_compensation.hpp"

#include <algorithm>
#include <cstddef>

namespace haltere::sensors {
namespace {

double pressure_pa(const Bme280Calibration& c, double fine_temperature, std::int32_t raw) {
  double a = fine_temperature / 2.0 - 64000.0;
  double b = a * a * c.p6 / 32768.0 + a * c.p5 * 2.0;
  b = b / 4.0 + c.p4 * 65536.0;
  a = (c.p3 * a * a / 524288.0 + c.p2 * a) / 524288.0;
  a = (1.0 + a / 32768.0) * c.p1;
  if (a == 0.0) return 0.0;
  double pressure = (1048576.0 - raw - b / 4096.0) * 6250.0 / a;
  a = c.p9 * pressure * pressure / 2147483648.0;
  b = pressure * c.p8 / 32768.0;
  return pressure + (a + b + c.p7) / 16.0;
}

double humidity_percent(const Bme280Calibration& c, double fine_temperature, std::int32_t raw) {
  const double t = fine_temperature - 76800.0;
  double humidity =
      (raw - (c.h4 * 64.0 + c.h5 / 16384.0 * t)) *
      (c.h2 / 65536.0 * (1.0 + c.h6 / 67108864.0 * t * (1.0 + c.h3 / 67108864.0 * t)));
  humidity *= 1.0 - c.h1 * humidity / 524288.0;
  return std::clamp(humidity, 0.0, 100.0);
}

}  // namespace

Bme280Calibration decode_bme280_calibration(std::span<const std::uint8_t, 26> low,
                                            std::span<const std::uint8_t, 7> high) {
  const auto word = [&](std::size_t address) {
    const std::size_t i = address - 0x88;
    return static_cast<std::uint16_t>(low[i] | low[i + 1] << 8);
  };
  const auto number = [&](std::size_t address) { return static_cast<std::int16_t>(word(address)); };
  // Twelve bits, the upper eight signed, share register 0xE5 (table 16).
  const auto twelve_bits = [](std::uint8_t upper, int lower) {
    return static_cast<std::int16_t>(static_cast<std::int8_t>(upper) * 16 + lower);
  };
  return {.t1 = word(0x88),
          .t2 = number(0x8A),
          .t3 = number(0x8C),
          .p1 = word(0x8E),
          .p2 = number(0x90),
          .p3 = number(0x92),
          .p4 = number(0x94),
          .p5 = number(0x96),
          .p6 = number(0x98),
          .p7 = number(0x9A),
          .p8 = number(0x9C),
          .p9 = number(0x9E),
          .h1 = low[0xA1 - 0x88],
          .h3 = high[2],
          .h2 = static_cast<std::int16_t>(high[0] | high[1] << 8),
          .h4 = twelve_bits(high[3], high[4] & 0x0F),
          .h5 = twelve_bits(high[5], high[4] >> 4),
          .h6 = static_cast<std::int8_t>(high[6])};
}

Bme280Raw decode_bme280_data(std::span<const std::uint8_t, 8> bytes) {
  const auto twenty_bits = [&](std::size_t i) {
    return bytes[i] << 12 | bytes[i + 1] << 4 | bytes[i + 2] >> 4;
  };
  return {.temperature = twenty_bits(3),
          .pressure = twenty_bits(0),
          .humidity = bytes[6] << 8 | bytes[7]};
}

Bme280Values compensate_bme280(const Bme280Calibration& calibration, const Bme280Raw& raw) {
  const Bme280Calibration& c = calibration;
  const double coarse = raw.temperature / 16384.0 - c.t1 / 1024.0;
  const double quadratic = raw.temperature / 131072.0 - c.t1 / 8192.0;
  const double fine = coarse * c.t2 + quadratic * quadratic * c.t3;
  return {.temperature_celsius = static_cast<float>(fine / 5120.0),
          .pressure_pa = static_cast<float>(pressure_pa(c, fine, raw.pressure)),
          .humidity_percent = static_cast<float>(humidity_percent(c, fine, raw.humidity))};
}

}  // namespace haltere::sensors
