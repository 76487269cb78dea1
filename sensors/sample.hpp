#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace haltere::sensors {

/// Monotonic time in nanoseconds. Its origin is the source's own: the host's CLOCK_MONOTONIC, a
/// board's start, or a recording's `t = 0`.
using TimeNs = std::int64_t;

inline constexpr std::size_t max_channels = 32;
inline constexpr std::size_t max_label_bytes = 16;

/// What a channel measures. Values are always SI (`unit_of`); drivers and parsers convert.
enum class Quantity : std::uint8_t {
  number,  ///< no unit: counts, ratios, anything without a declared unit
  acceleration,
  angular_rate,
  magnetic_field,
  temperature,
  pressure,
  humidity,
  voltage,
  current,
  length,
  illuminance,
  concentration,
  state,  ///< 0 or 1: a button, a switch, a relay
};

/// The one unit in which values of `quantity` travel through Haltere.
constexpr std::string_view unit_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::number: return "";
    case Quantity::acceleration: return "m/s²";
    case Quantity::angular_rate: return "rad/s";
    case Quantity::magnetic_field: return "µT";
    case Quantity::temperature: return "°C";
    case Quantity::pressure: return "Pa";
    case Quantity::humidity: return "%";
    case Quantity::voltage: return "V";
    case Quantity::current: return "A";
    case Quantity::length: return "m";
    case Quantity::illuminance: return "lx";
    case Quantity::concentration: return "ppm";
    case Quantity::state: return "";
  }
  return "";
}

/// Name of the stream that groups a sensor's channels of one quantity: `imu.acceleration`.
constexpr std::string_view to_string(Quantity quantity) {
  switch (quantity) {
    case Quantity::number: return "number";
    case Quantity::acceleration: return "acceleration";
    case Quantity::angular_rate: return "angular_rate";
    case Quantity::magnetic_field: return "magnetic_field";
    case Quantity::temperature: return "temperature";
    case Quantity::pressure: return "pressure";
    case Quantity::humidity: return "humidity";
    case Quantity::voltage: return "voltage";
    case Quantity::current: return "current";
    case Quantity::length: return "length";
    case Quantity::illuminance: return "illuminance";
    case Quantity::concentration: return "concentration";
    case Quantity::state: return "state";
  }
  return "number";
}

/// One column of a sensor's samples. `name` is unique in the sensor: `ax`, `temperature`.
struct Channel {
  std::string name;
  Quantity quantity = Quantity::number;
  /// Largest value, either way, that the sensor can show as it is set up, in the quantity's unit;
  /// 0 = not known.
  float full_scale = 0.0F;
};

/// What every sample of a sensor holds: `channels[i]` describes `Sample::values[i]`.
struct Layout {
  std::vector<Channel> channels;
  double rate_hz = 0.0;  ///< nominal; 0 = irregular or unknown
};

/// A label as it came with the data, zero-padded; all zero = this sample says nothing of labels.
using LabelText = std::array<char, max_label_bytes>;

/// One measurement of one sensor. Trivially copyable: it crosses threads in a ring buffer.
struct Sample {
  TimeNs time_ns = 0;           ///< when the measurement was taken, not when it was read
  std::uint16_t sensor = 0;     ///< index of the sensor in the pipeline
  std::uint8_t count = 0;       ///< valid entries of `values`
  bool starts_segment = false;  ///< not contiguous with the sample before: windows must not span it
  LabelText label{};            ///< from a `label` column
  std::array<float, max_channels> values{};

  [[nodiscard]] std::span<const float> row() const { return {values.data(), count}; }
};

/// `text` as a LabelText; longer text is cut at `max_label_bytes`.
constexpr LabelText label_text(std::string_view text) {
  LabelText label{};
  for (std::size_t i = 0; i < text.size() && i < label.size(); ++i) label[i] = text[i];
  return label;
}

/// The text of `label` without padding; empty when there is none.
constexpr std::string_view to_string(const LabelText& label) {
  std::size_t size = 0;
  while (size < label.size() && label[size] != '\0') ++size;
  return {label.data(), size};
}

}  // namespace haltere::sensors
