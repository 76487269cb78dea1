#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings.hpp"
#include "sensors/buses.hpp"
#include "sensors/i2c_bus.hpp"
#include "sensors/sensor.hpp"

namespace haltere::sensors {

/// Settings that drivers of I2C chips share.
inline constexpr config::Setting bus_setting{
    .key = "bus", .description = "id of the bus it is on", .required = true};

constexpr config::Setting address_setting(double lowest, double highest,
                                          std::string_view default_text) {
  return {.key = "address",
          .type = config::Type::integer,
          .description = "7-bit address",
          .min = lowest,
          .max = highest,
          .default_text = default_text};
}

constexpr config::Setting update_interval_setting(double shortest_s) {
  return {.key = "update_interval",
          .type = config::Type::number,
          .description = "time between samples",
          .dimension = config::Dimension::time,
          .min = shortest_s,
          .max = 86'400,
          .default_text = "1s"};
}

/// The chip that the settings `bus` and `address` name. Errors: as Buses::i2c.
[[nodiscard]] inline Result<I2cChip> find_chip(const config::Section& section, Buses& buses) {
  Result<std::shared_ptr<I2cBus>> bus = buses.i2c(section.text("bus"));
  if (!bus) return bus.error();
  return I2cChip(*bus, static_cast<std::uint8_t>(section.integer("address")));
}

/// What drivers of I2C chips share: the chip, what it yields, and when it wants to be read.
class I2cSensor : public Sensor {
 public:
  I2cSensor(I2cChip chip, Layout layout, std::chrono::nanoseconds period)
      : chip_(std::move(chip)), layout_(std::move(layout)), period_(period) {}

  [[nodiscard]] const Layout& layout() const override { return layout_; }
  [[nodiscard]] Wake wake() const override { return {.fd = -1, .period = period_}; }
  [[nodiscard]] const SensorCounters& counters() const override { return counters_; }

 protected:
  /// Whether this read should check that the chip still has its setup: every 64th.
  [[nodiscard]] bool should_verify() { return ++reads_ % 64 == 0; }

  void append(TimeNs time_ns, std::initializer_list<float> values, std::vector<Sample>& samples) {
    Sample& sample = samples.emplace_back();
    sample.time_ns = time_ns;
    sample.starts_segment = counters_.samples++ == 0;
    for (const float value : values) sample.values[sample.count++] = value;
  }

  [[nodiscard]] const I2cChip& chip() const { return chip_; }
  SensorCounters& counted() { return counters_; }

 private:
  I2cChip chip_;
  Layout layout_;
  std::chrono::nanoseconds period_;
  SensorCounters counters_;
  std::uint32_t reads_ = 0;
};

}  // namespace haltere::sensors
