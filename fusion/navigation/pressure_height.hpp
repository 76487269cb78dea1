#pragma once

#include "fusion/navigation/elementary.hpp"

// Height and pressure in the standard atmosphere (ISO 2533:1975, equations 8 and 14, up to 11 km):
// p = p0 (1 - L h / T0)^(g M / R L).

namespace haltere::fusion::navigation {

inline constexpr double standard_pressure_pa = 101'325.0;

namespace atmosphere {
inline constexpr double scale_height_m = 288.15 / 0.0065;  // T0 / L
inline constexpr double exponent = 287.05287 * 0.0065 / 9.80665;
}  // namespace atmosphere

/// Height above where the pressure is `reference_pa`; both positive.
inline double height_of_pressure(double pressure_pa, double reference_pa) {
  const double power = atmosphere::exponent * natural_log(pressure_pa / reference_pa);
  return atmosphere::scale_height_m * (1.0 - exponential(power));
}

/// The reverse, below 44 km.
inline double pressure_of_height(double height_m, double reference_pa) {
  const double share = 1.0 - height_m / atmosphere::scale_height_m;
  return reference_pa * exponential(natural_log(share) / atmosphere::exponent);
}

/// By how much height falls per Pa.
inline double metres_per_pascal(double pressure_pa, double reference_pa) {
  const double power = atmosphere::exponent * natural_log(pressure_pa / reference_pa);
  return atmosphere::scale_height_m * atmosphere::exponent * exponential(power) / pressure_pa;
}

}  // namespace haltere::fusion::navigation
