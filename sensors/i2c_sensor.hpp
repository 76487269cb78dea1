#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
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

/// A setting with a closed set of values, which often are those of a register's field, in order.
constexpr config::Setting choice_setting(std::string_view key, std::string_view description,
                                         std::string_view default_text,
                                         std::span<const std::string_view> choices) {
  return {.key = key,
          .type = config::Type::choice,
          .description = description,
          .default_text = default_text,
          .choices = choices};
}

/// Position of `word`, which is one of them, in `choices`: the value of such a field.
[[nodiscard]] inline unsigned position_of(std::span<const std::string_view> choices,
                                          std::string_view word) {
  return static_cast<unsigned>(std::ranges::find(choices, word) - choices.begin());
}

/// Time between samples at `rate_hz` > 0.
[[nodiscard]] inline std::chrono::nanoseconds period_of(double rate_hz) {
  return std::chrono::nanoseconds(std::llround(1e9 / rate_hz));
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

/// What a driver's `open` does: finds the chip, makes a `Chip`, which is an I2cSensor, of it,
/// `layout` and the settings, and sets it up. Errors: as find_chip and Chip::set_up.
template <typename Chip>
Result<std::unique_ptr<Sensor>> open_chip(const config::Section& section, Buses& buses,
                                          Layout layout) {
  Result<I2cChip> chip = find_chip(section, buses);
  if (!chip) return chip.error();
  auto sensor = std::make_unique<Chip>(*chip, std::move(layout), section);
  if (Status ready = sensor->set_up(); !ready) return ready.error();
  return std::unique_ptr<Sensor>(std::move(sensor));
}

/// Takes `frames` frames of `frame_bytes` out of the FIFO behind register `data`, as many per
/// transfer as the bus allows, and calls `take(frame)` with each, oldest first. Errors: of the
/// transfers; frames before a failure were taken.
template <std::size_t frame_bytes, typename Register, typename Take>
Status read_frames(const I2cChip& chip, Register data, std::size_t frames, Take take) {
  std::array<std::uint8_t, 20 * frame_bytes> bytes;
  const std::size_t most = std::min(bytes.size(), chip.max_transfer_bytes()) / frame_bytes;
  while (frames > 0) {
    std::span<std::uint8_t> burst = std::span(bytes).first(std::min(frames, most) * frame_bytes);
    if (Status got = chip.read(data, burst); !got) return got;
    frames -= burst.size() / frame_bytes;
    for (; !burst.empty(); burst = burst.subspan(frame_bytes)) take(burst.first(frame_bytes));
  }
  return {};
}

}  // namespace haltere::sensors
