#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"

namespace haltere::config {

/// Physical dimension of a setting; its values are delivered in the unit given here.
enum class Dimension {
  none,            ///< a bare number
  time,            ///< s        (ns us ms s min h d)
  frequency,       ///< Hz       (mHz Hz kHz MHz)
  acceleration,    ///< m/s²     (m/s2 g mg)
  angular_rate,    ///< rad/s    (rad/s dps deg/s)
  angle,           ///< rad      (rad deg)
  magnetic_field,  ///< µT       (uT mT gauss)
  temperature,     ///< °C       (celsius °C kelvin fahrenheit)
  pressure,        ///< Pa       (Pa hPa kPa bar mbar)
  humidity,        ///< %        (% percent)
  voltage,         ///< V        (uV mV V)
  current,         ///< A        (uA mA A)
  length,          ///< m        (mm cm m km)
  illuminance,     ///< lx       (lx)
  concentration,   ///< ppm      (ppb ppm)
  ratio,           ///< 1        (% or a bare number)
  bytes,           ///< B        (B KiB MiB)
  windows,         ///< count    (windows)
};

/// `text` ("200Hz", "-0.8celsius", "1 %") as a value in the dimension's SI unit. Temperatures are
/// absolute. Errors: invalid, with what was expected and, for a missing unit, the likely one.
[[nodiscard]] Result<double> parse_quantity(std::string_view text, Dimension dimension);

/// `value` in a unit a person would choose: "200 Hz", "9.1 KiB", "20 ms".
[[nodiscard]] std::string format_quantity(double value, Dimension dimension);

/// What messages and references call it: "time", "angular rate".
[[nodiscard]] std::string_view dimension_name(Dimension dimension);

/// Its units in ASCII spelling, ascending, other spellings last; none for Dimension::none.
[[nodiscard]] std::vector<std::string_view> unit_names(Dimension dimension);

/// Dimension of a bare unit name as in column headers (`g`, `dps`, `m/s2`, `celsius`), and the
/// factor and offset to SI: `si = raw * factor + offset`. Errors: invalid for an unknown unit.
struct UnitScale {
  Dimension dimension = Dimension::none;
  double factor = 1.0;
  double offset = 0.0;
};
[[nodiscard]] Result<UnitScale> find_unit(std::string_view unit);

}  // namespace haltere::config
