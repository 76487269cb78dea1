// TMP102 thermometer, Texas Instruments SBOS397I. Resolution 0.0625 °C.
// Channels: temperature (°C).

#include <array>
#include <cstdint>

#include "sensors/drivers.hpp"
#include "sensors/i2c_sensor.hpp"

namespace haltere::sensors {
namespace {

// Section 7.5: both are 16 bits, high byte first.
enum class Register : std::uint8_t { temperature = 0x00, configuration = 0x01 };

constexpr float celsius_per_count = 0.0625f;    // section 7.3.1
constexpr std::uint8_t read_only_ones = 0x60;   // R1 R0, first byte: the only identity there is
constexpr std::uint8_t shutdown = 0x01;         // SD, first byte
constexpr std::uint8_t extended = 0x10;         // EM, second byte: 13 bits, up to 150 °C
constexpr std::uint8_t writable_second = 0xD0;  // CR1 CR0 EM

/// CR1 CR0 for conversions at least every `interval_s`: 0.25, 1, 4 or 8 Hz.
constexpr std::uint8_t conversion_rate(double interval_s) {
  if (interval_s >= 4.0) return 0x00;
  if (interval_s >= 1.0) return 0x40;
  return interval_s >= 0.25 ? 0x80 : 0xC0;
}

/// Temperature register in °C; its last bit says that it has 13 bits instead of 12.
constexpr float decode_celsius(std::span<const std::uint8_t, 2> bytes) {
  const auto word = static_cast<std::int16_t>(bytes[0] << 8 | bytes[1]);
  const bool wide = (bytes[1] & 1) != 0;
  return static_cast<float>(word >> (wide ? 3 : 4)) * celsius_per_count;
}

class Tmp102 final : public I2cSensor {
 public:
  Tmp102(I2cChip chip, Layout layout, const config::Section& section)
      : I2cSensor(std::move(chip), std::move(layout), section.duration("update_interval")),
        second_(static_cast<std::uint8_t>(conversion_rate(section.number("update_interval")) |
                                          extended)) {}

  Status set_up() {
    std::array<std::uint8_t, 2> bytes{};
    if (Status got = chip().read(Register::configuration, bytes); !got) return got;
    if ((bytes[0] & read_only_ones) != read_only_ones) {
      return Error{ErrorKind::corrupt, "not a TMP102: bits R1 R0 of its configuration are not set"};
    }
    bytes = {static_cast<std::uint8_t>(bytes[0] & ~shutdown), second_};
    return chip().write(Register::configuration, bytes);
  }

  Status read(TimeNs now_ns, std::vector<Sample>& samples) override {
    std::array<std::uint8_t, 2> bytes{};
    if (should_verify()) {
      if (Status same = verify(); !same) return same;
    }
    if (Status got = chip().read(Register::temperature, bytes); !got) return got;
    append(now_ns, {decode_celsius(bytes)}, samples);
    return {};
  }

 private:
  Status verify() {
    std::array<std::uint8_t, 2> bytes{};
    if (Status got = chip().read(Register::configuration, bytes); !got) return got;
    if ((bytes[1] & writable_second) == second_) return {};
    return Error{ErrorKind::corrupt, "the TMP102 lost its configuration"};
  }

  std::uint8_t second_;  ///< second byte of the configuration
};

constexpr std::array settings{bus_setting, address_setting(0x48, 0x4b, "0x48"),
                              update_interval_setting(0.125)};

Layout layout(const config::Section& section, std::vector<config::Diagnostic>& /*diagnostics*/) {
  return {.channels = {{"temperature", Quantity::temperature}},
          .rate_hz = 1.0 / section.number("update_interval")};
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& buses) {
  std::vector<config::Diagnostic> none;
  return open_chip<Tmp102>(section, buses, layout(section, none));
}

}  // namespace

Driver tmp102_driver() {
  return {{"sensors", "tmp102", "thermometer TMP102 on I2C", settings}, layout, open};
}

}  // namespace haltere::sensors
