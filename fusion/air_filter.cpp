// Platform `air`: dew point, absolute humidity and pressure at sea level, by derived/moist_air.hpp.

#include "fusion/air_filter.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "fusion/axes_check.hpp"
#include "fusion/derived/moist_air.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Section;
using config::Setting;
using config::Type;
using sensors::Quantity;

constexpr std::array air_settings{
    Setting{.key = "temperature",
            .type = Type::stream,
            .description = "Channel of the air's temperature",
            .required = true},
    Setting{.key = "humidity",
            .type = Type::stream,
            .description = "Channel of its relative humidity: gives dew_point and "
                           "absolute_humidity (g/m³)"},
    Setting{.key = "pressure",
            .type = Type::stream,
            .description = "Channel of its pressure: gives sea_level_pressure; needs an altitude"},
    Setting{.key = "altitude",
            .type = Type::number,
            .description = "Height of the barometer above the sea",
            .dimension = Dimension::length,
            .min = -500.0,
            .max = 9000.0},
};

struct Wanted {
  const char* key;
  Quantity quantity;
};
constexpr std::array wanted{Wanted{"temperature", Quantity::temperature},
                            Wanted{"humidity", Quantity::humidity},
                            Wanted{"pressure", Quantity::pressure}};

std::vector<StreamName> air_inputs(const Section& section) {
  std::vector<StreamName> inputs;
  for (const Wanted& one : wanted) {
    if (section.has(one.key)) inputs.push_back({section.text(one.key), section.position(one.key)});
  }
  return inputs;
}

sensors::Layout air_output(const Section& section, std::span<const sensors::Layout> inputs,
                           std::vector<config::Diagnostic>& diagnostics) {
  const std::vector<StreamName> names = air_inputs(section);
  std::size_t i = 0;
  for (const Wanted& one : wanted) {
    if (!section.has(one.key)) continue;
    check_axes(inputs[i], one.quantity, 1, names[i], diagnostics);
    ++i;
  }
  sensors::Layout layout{.channels = {}, .rate_hz = inputs[0].rate_hz};
  if (section.has("humidity")) {
    layout.channels.push_back({"dew_point", Quantity::temperature});
    layout.channels.push_back({"absolute_humidity", Quantity::number});
  }
  if (section.has("pressure")) {
    layout.channels.push_back({"sea_level_pressure", Quantity::pressure});
    if (!section.has("altitude")) {
      diagnostics.push_back({section.position("pressure"),
                             "the pressure at sea level needs an 'altitude', as in '520m'"});
    }
  }
  if (layout.channels.empty()) {
    diagnostics.push_back(
        {section.position(), "of temperature alone nothing follows: add 'humidity' or 'pressure'"});
  }
  return layout;
}

class AirFilter final : public Filter {
 public:
  AirFilter(bool has_humidity, std::optional<float> altitude_m)
      : has_humidity_(has_humidity), altitude_m_(altitude_m) {
    output_.resize((has_humidity ? 2U : 0U) + (altitude_m ? 1U : 0U));
  }

  bool update(sensors::TimeNs /*time_ns*/, bool /*starts_segment*/,
              std::span<const float> row) override {
    for (const float value : row) {
      if (!std::isfinite(value)) return false;
    }
    const float temperature_celsius = row[0];
    const float humidity_percent = has_humidity_ ? row[1] : 0.0F;
    std::size_t at = 0;
    if (has_humidity_) {
      output_[at++] = derived::dew_point_celsius(temperature_celsius, humidity_percent);
      output_[at++] = derived::absolute_humidity_gpm3(temperature_celsius, humidity_percent);
    }
    if (altitude_m_) {
      output_[at] = derived::sea_level_pressure_pa(row.back(), *altitude_m_, temperature_celsius,
                                                   humidity_percent);
    }
    return true;
  }

  [[nodiscard]] std::span<const float> output() const override { return output_; }

 private:
  bool has_humidity_;
  std::optional<float> altitude_m_;
  std::vector<float> output_;
};

std::unique_ptr<Filter> make_air(const Section& section,
                                 std::span<const sensors::Layout> /*inputs*/) {
  std::optional<float> altitude_m;
  if (section.has("pressure")) altitude_m = static_cast<float>(section.number("altitude"));
  return std::make_unique<AirFilter>(section.has("humidity"), altitude_m);
}

}  // namespace

const FilterType air_type{
    .component = {.kind = "fusion",
                  .platform = "air",
                  .description = "Dew point, absolute humidity and pressure at sea level",
                  .settings = air_settings},
    .inputs = air_inputs,
    .output = air_output,
    .make = make_air,
};

}  // namespace haltere::fusion
