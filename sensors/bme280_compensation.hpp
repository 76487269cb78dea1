#pragma once

#include <cstdint>
#include <span>

namespace haltere::sensors {

/// Trimming values of one chip, named as in the data sheet (BST-BME280-DS001-23, table 16).
struct Bme280Calibration {
  std::uint16_t t1 = 0;
  std::int16_t t2 = 0, t3 = 0;
  std::uint16_t p1 = 0;
  std::int16_t p2 = 0, p3 = 0, p4 = 0, p5 = 0, p6 = 0, p7 = 0, p8 = 0, p9 = 0;
  std::uint8_t h1 = 0, h3 = 0;
  std::int16_t h2 = 0, h4 = 0, h5 = 0;
  std::int8_t h6 = 0;
};

/// What the converter gave: 20, 20 and 16 bits.
struct Bme280Raw {
  std::int32_t temperature = 0;
  std::int32_t pressure = 0;
  std::int32_t humidity = 0;
};

struct Bme280Values {
  float temperature_celsius = 0.0f;
  float pressure_pa = 0.0f;
  float humidity_percent = 0.0f;
};

/// Registers 0x88..0xA1 and 0xE1..0xE7.
[[nodiscard]] Bme280Calibration decode_bme280_calibration(std::span<const std::uint8_t, 26> low,
                                                          std::span<const std::uint8_t, 7> high);

/// Registers 0xF7..0xFE.
[[nodiscard]] Bme280Raw decode_bme280_data(std::span<const std::uint8_t, 8> bytes);

/// The data sheet's formulas in double precision (appendix 8.1): no overflow whatever the chip
/// says. Pressure is 0 where the calibration is empty; humidity stays within 0..100.
[[nodiscard]] Bme280Values compensate_bme280(const Bme280Calibration& calibration,
                                             const Bme280Raw& raw);

}  // namespace haltere::sensors
