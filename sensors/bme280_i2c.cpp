// BME280 air sensor, Bosch BST-BME280-DS001-23.
// Channels: temperature (°C), pressure (Pa), humidity (%).

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "sensors/bme280_compensation.hpp"
#include "sensors/drivers.hpp"
#include "sensors/i2c_sensor.hpp"

namespace haltere::sensors {
namespace {

// Section 5.3.
enum class Register : std::uint8_t {
  calibration_low = 0x88,
  id = 0xD0,
  calibration_high = 0xE1,
  control_humidity = 0xF2,
  control_measurement = 0xF4,
  config = 0xF5,
  data = 0xF7,
};

constexpr std::uint8_t chip_id = 0x60;      // section 5.4.1
constexpr std::uint8_t forced_mode = 0x01;  // section 5.4.5
constexpr unsigned normal_mode = 0x03;
constexpr std::int32_t nothing_measured = 0x80000;  // section 5.4.7: the value after reset

constexpr std::array<std::string_view, 6> oversamplings{"off", "1x", "2x", "4x", "8x", "16x"};
constexpr std::array<std::string_view, 5> filters{"off", "2x", "4x", "8x", "16x"};
constexpr std::array<std::string_view, 2> modes{"normal", "forced"};

/// t_sb of register config, for a pause not longer than half of `interval_s` (table 27).
constexpr unsigned standby(double interval_s) {
  if (interval_s >= 2.0) return 5;   // 1000 ms
  if (interval_s >= 1.0) return 4;   // 500 ms
  if (interval_s >= 0.25) return 2;  // 125 ms
  return 0;                          // 0.5 ms
}

class Bme280 final : public I2cSensor {
 public:
  Bme280(I2cChip chip, Layout layout, const config::Section& section)
      : I2cSensor(std::move(chip), std::move(layout), section.duration("update_interval")),
        forced_(section.text("mode") == "forced") {
    const auto field = [&](std::span<const std::string_view> words, const char* key) {
      return position_of(words, section.text(key));
    };
    const unsigned control = field(oversamplings, "temperature_oversampling") << 5 |
                             field(oversamplings, "pressure_oversampling") << 2;
    const unsigned config =
        standby(section.number("update_interval")) << 5 | field(filters, "filter") << 2;
    // Config is only taken in sleep mode, and humidity only with the next control_measurement.
    setup_ = {
        setup_row(Register::control_measurement, 0, 0xFF),
        setup_row(Register::config, config, 0xFC),
        setup_row(Register::control_humidity, field(oversamplings, "humidity_oversampling"), 7),
        setup_row(Register::control_measurement, control | (forced_ ? 0 : normal_mode), 0xFF)};
  }

  Status set_up() {
    if (Status same = chip().expect_id(Register::id, chip_id, "BME280"); !same) return same;
    std::array<std::uint8_t, 26> low{};
    std::array<std::uint8_t, 7> high{};
    if (Status got = chip().read(Register::calibration_low, low); !got) return got;
    if (Status got = chip().read(Register::calibration_high, high); !got) return got;
    calibration_ = decode_bme280_calibration(low, high);
    return chip().apply(setup_);
  }

  Status read(TimeNs now_ns, std::vector<Sample>& samples) override {
    if (should_verify()) {
      if (Status same = chip().verify(setup_[2]); !same) return same;
    }
    if (!forced_) return take(now_ns, samples);
    if (triggered_ns_ != 0) {
      if (Status taken = take(triggered_ns_, samples); !taken) return taken;
    }
    triggered_ns_ = now_ns;
    const auto start = static_cast<std::uint8_t>(setup_[3].set | forced_mode);
    return chip().write(Register::control_measurement, start);
  }

 private:
  Status take(TimeNs time_ns, std::vector<Sample>& samples) {
    std::array<std::uint8_t, 8> bytes{};
    if (Status got = chip().read(Register::data, bytes); !got) return got;
    const Bme280Raw raw = decode_bme280_data(bytes);
    if (raw.temperature == nothing_measured) {
      ++counted().rejected;
      return {};
    }
    const Bme280Values values = compensate_bme280(calibration_, raw);
    append(time_ns, {values.temperature_celsius, values.pressure_pa, values.humidity_percent},
           samples);
    return {};
  }

  bool forced_;
  TimeNs triggered_ns_ = 0;  ///< forced: when the measurement under way was started
  std::array<RegisterSetup, 4> setup_;
  Bme280Calibration calibration_;
};

constexpr config::Setting oversampling_setting(std::string_view key, std::string_view description) {
  return choice_setting(key, description, "1x", oversamplings);
}

constexpr std::array settings{
    bus_setting,
    address_setting(0x76, 0x77, "0x76"),
    update_interval_setting(0.125),
    oversampling_setting("temperature_oversampling", "measurements averaged for a temperature"),
    oversampling_setting("pressure_oversampling", "measurements averaged for a pressure"),
    oversampling_setting("humidity_oversampling", "measurements averaged for a humidity"),
    choice_setting("filter", "the chip's own low-pass over temperature and pressure", "off",
                   filters),
    choice_setting("mode",
                   "normal: the chip measures by itself; forced: once per sample, which warms it "
                   "less, each sample being one interval old",
                   "normal", modes),
};

Layout layout(const config::Section& section, std::vector<config::Diagnostic>& /*diagnostics*/) {
  return {.channels = {{"temperature", Quantity::temperature},
                       {"pressure", Quantity::pressure},
                       {"humidity", Quantity::humidity}},
          .rate_hz = 1.0 / section.number("update_interval")};
}

Result<std::unique_ptr<Sensor>> open(const config::Section& section, Buses& buses) {
  std::vector<config::Diagnostic> none;
  return open_chip<Bme280>(section, buses, layout(section, none));
}

}  // namespace

Driver bme280_i2c_driver() {
  return {
      {"sensors", "bme280_i2c", "temperature, pressure and humidity by a BME280 on I2C", settings},
      layout,
      open};
}

}  // namespace haltere::sensors
