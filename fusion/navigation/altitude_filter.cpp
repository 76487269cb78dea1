// Platform `altitude`: how the filter in altitude.hpp is configured and what it adds to the
// streams.

#include "fusion/navigation/altitude_filter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "config/settings.hpp"
#include "fusion/axes_check.hpp"
#include "fusion/navigation/altitude.hpp"
#include "fusion/navigation/time_jump.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Setting;
using config::Type;
using navigation::Altitude;
using navigation::AltitudeSettings;
using sensors::Quantity;

constexpr std::array altitude_settings{
    Setting{.key = "pressure",
            .type = Type::stream,
            .description = "Stream of the barometer's pressure",
            .required = true},
    Setting{.key = "orientation",
            .type = Type::stream,
            .description = "A fusion of platform `orientation`, of a sensor on the same board",
            .required = true},
    Setting{.key = "sea_level_pressure",
            .type = Type::number,
            .description = "Where height is 0 in the standard atmosphere; `start`: where the first "
                           "pressure was measured",
            .dimension = Dimension::pressure,
            .min = 50'000.0,
            .max = 120'000.0,
            .word = "start",
            .default_text = "1013.25hPa"},
    Setting{.key = "pressure_noise",
            .type = Type::number,
            .description = "Standard deviation of a pressure, from the data sheet: a BME280's at "
                           "16-fold oversampling without its filter",
            .dimension = Dimension::pressure,
            .min = 0.01,
            .max = 1000.0,
            .default_text = "1.3Pa"},
    Setting{.key = "pressure_latency",
            .type = Type::number,
            .description = "By how much pressures are later than the height they show",
            .dimension = Dimension::time,
            .min = 0.0,
            .max = 0.5,
            .default_text = "20ms"},
    Setting{.key = "acceleration_noise",
            .type = Type::number,
            .description = "Standard deviation of the acceleration's mean over a second, with what "
                           "a wrong tilt lets through of gravity",
            .dimension = Dimension::acceleration,
            .min = 0.0001,
            .max = 10.0,
            .default_text = "0.05m/s2"},
    Setting{.key = "acceleration_bias",
            .type = Type::number,
            .description = "Standard deviation of the accelerometer's bias when switched on",
            .dimension = Dimension::acceleration,
            .min = 0.0,
            .max = 5.0,
            .default_text = "0.3m/s2"},
    Setting{.key = "gate",
            .type = Type::number,
            .description = "Pressures this many standard deviations off, as by a slammed door, are "
                           "passed over, for at most 1.5 s",
            .min = 1.0,
            .max = 100.0,
            .default_text = "5"},
};

std::vector<StreamName> altitude_inputs(const config::Section& section) {
  // The orientation's rows are the clock: the barometer's value stands in them until the next.
  return {{section.text("orientation"), section.position("orientation")},
          {section.text("pressure"), section.position("pressure")}};
}

constexpr std::array needed{"gravity.x",
                            "gravity.y",
                            "gravity.z",
                            "linear_acceleration.x",
                            "linear_acceleration.y",
                            "linear_acceleration.z"};
constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

/// Where in `layout` the channel `name` is; `nowhere` if it is not.
std::size_t index_of(const sensors::Layout& layout, std::string_view name) {
  const auto found = std::ranges::find(layout.channels, name, &sensors::Channel::name);
  return found == layout.channels.end() ? nowhere
                                        : static_cast<std::size_t>(found - layout.channels.begin());
}

sensors::Layout altitude_output(const config::Section& section,
                                std::span<const sensors::Layout> inputs,
                                std::vector<config::Diagnostic>& diagnostics) {
  const std::vector<StreamName> streams = altitude_inputs(section);
  const bool oriented = std::ranges::all_of(
      needed, [&](const char* name) { return index_of(inputs[0], name) != nowhere; });
  if (!oriented) {
    diagnostics.push_back({streams[0].position, "'" + streams[0].name +
                                                    "' is no fusion of platform 'orientation', "
                                                    "whose gravity and linear acceleration it "
                                                    "needs"});
  }
  check_axes(inputs[1], Quantity::pressure, 1, streams[1], diagnostics);
  return {.channels = {{"height", Quantity::length},
                       {"vertical_speed", Quantity::number},
                       {"vertical_acceleration", Quantity::acceleration},
                       {"height_sigma", Quantity::length},
                       {"vertical_speed_sigma", Quantity::number},
                       {"acceleration_bias", Quantity::acceleration},
                       {"acceleration_bias_sigma", Quantity::acceleration},
                       {"pressure_rejected", Quantity::state},
                       {"pressure_missing", Quantity::state}},
          .rate_hz = inputs[0].rate_hz};
}

class AltitudeFilter final : public Filter {
 public:
  AltitudeFilter(const AltitudeSettings& settings, const sensors::Layout& orientation)
      : altitude_(settings), pressure_at_(orientation.channels.size()) {
    std::ranges::transform(needed, at_.begin(),
                           [&](const char* name) { return index_of(orientation, name); });
    write_output();
  }

  bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) override {
    if (starts_segment || navigation::is_another_clock(time_ns_, time_ns)) {
      altitude_.reset();
      pressure_pa_ = 0.0F;
      time_ns_ = time_ns;
    }
    time_ns_ = std::max(time_ns_, time_ns);
    altitude_.acceleration(time_ns, up_of(row));
    take_pressure(time_ns, row[pressure_at_]);
    write_output();
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
  [[nodiscard]] double up_of(std::span<const float> row) const {
    const auto at = [&](std::size_t i) { return static_cast<double>(row[at_[i]]); };
    return navigation::upward({at(0), at(1), at(2)}, {at(3), at(4), at(5)});
  }

  // A slower sensor's value stands in every row until the next: only what is new is a sample.
  void take_pressure(sensors::TimeNs time_ns, float pressure_pa) {
    if (pressure_pa == pressure_pa_) return;
    pressure_pa_ = pressure_pa;
    altitude_.pressure(time_ns, static_cast<double>(pressure_pa));
  }

  void write_output() {
    const navigation::AltitudeOutput out = altitude_.output();
    const auto flag = [](bool set) { return set ? 1.0 : 0.0; };
    const std::array<double, outputs> values{out.height_m,
                                             out.speed_mps,
                                             out.acceleration_mps2,
                                             out.height_sigma_m,
                                             out.speed_sigma_mps,
                                             out.bias_mps2,
                                             out.bias_sigma_mps2,
                                             flag(out.pressure_rejected),
                                             flag(out.pressure_missing)};
    std::ranges::transform(values, output_.begin(), [](double v) { return static_cast<float>(v); });
  }

  static constexpr std::size_t outputs = 9;
  Altitude altitude_;
  std::array<std::size_t, needed.size()> at_{};  ///< where in a row gravity and acceleration are
  std::size_t pressure_at_;
  sensors::TimeNs time_ns_ = 0;
  float pressure_pa_ = 0.0F;
  std::array<float, outputs> output_{};
};

std::unique_ptr<Filter> make_altitude(const config::Section& section,
                                      std::span<const sensors::Layout> inputs) {
  AltitudeSettings settings;
  settings.from_start = section.says("sea_level_pressure", "start");
  if (!settings.from_start) settings.sea_level_pa = section.number("sea_level_pressure");
  settings.pressure_sigma_pa = section.number("pressure_noise");
  settings.pressure_latency_s = section.number("pressure_latency");
  settings.acceleration_sigma_mps2 = section.number("acceleration_noise");
  settings.bias_sigma_mps2 = section.number("acceleration_bias");
  settings.gate_sigmas = section.number("gate");
  return std::make_unique<AltitudeFilter>(settings, inputs[0]);
}

}  // namespace

const FilterType altitude_type{
    .component = {.kind = "fusion",
                  .platform = "altitude",
                  .description = "Height and vertical speed from a barometer and an orientation's "
                                 "linear acceleration",
                  .settings = altitude_settings},
    .inputs = altitude_inputs,
    .output = altitude_output,
    .make = make_altitude,
};

}  // namespace haltere::fusion
