#pragma once

namespace haltere {
namespace fusion {
namespace derived {

/// What the formulas below are known for; outside it they get the nearest value inside.
constexpr float coldest_celsius = -45.0F;
constexpr float hottest_celsius = 60.0F;
constexpr float driest_percent = 0.1F;

/// Vapour pressure of saturated air over water: 611.2 Pa exp(17.62 t / (243.12 °C + t)) (WMO No. 8,
/// "Guide to Instruments and Methods of Observation", 2018, vol. I, annex 4.B).
float saturation_vapour_pressure_pa(float temperature_celsius);

/// Temperature to which air must cool for dew: 243.12 °C y / (17.62 - y), y = ln(e / 611.2 Pa), e
/// the vapour pressure (WMO No. 8, annex 4.B). Never above the temperature.
float dew_point_celsius(float temperature_celsius, float humidity_percent);

/// Mass of water in a cubic metre of air: e / (R T) with water's gas constant R = 461.52 J/(kg K)
/// (WMO No. 8, annex 4.A, vapour as an ideal gas).
float absolute_humidity_gpm3(float temperature_celsius, float humidity_percent);

/// Pressure reduced to the sea: p exp(g h / (R (T + C e + a h / 2))), R = 287.05 J/(kg K), a = 6.5
/// K per km, C = 0.12 K/hPa for the vapour pressure e (Deutscher Wetterdienst,
/// "Beobachterhandbuch", VuB 3; WMO No. 8, ch. 3.7). `altitude_m` -500 to 9000; `humidity_percent`
/// 0 leaves e out.
float sea_level_pressure_pa(float pressure_pa, float altitude_m, float temperature_celsius,
                            float humidity_percent);

}  // namespace derived
}  // namespace fusion
}  // namespace haltere
