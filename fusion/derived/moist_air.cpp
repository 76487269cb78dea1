#include "fusion/derived/moist_air.hpp"

#include "fusion/ahrs/vector.hpp"
#include "models/kernels/elementary_f32.hpp"

namespace haltere {
namespace fusion {
namespace derived {
namespace {

using ahrs::larger;
using ahrs::smaller;

constexpr float zero_kelvin_celsius = -273.15F;
constexpr float magnus_pa = 611.2F;
constexpr float magnus_slope = 17.62F;
constexpr float magnus_celsius = 243.12F;

float within(float v, float least, float most) { return larger(least, smaller(v, most)); }

float limited_temperature(float celsius) {
  return within(celsius, coldest_celsius, hottest_celsius);
}

float vapour_pressure_pa(float temperature_celsius, float humidity_percent) {
  return 0.01F * within(humidity_percent, driest_percent, 100.0F) *
         saturation_vapour_pressure_pa(temperature_celsius);
}

}  // namespace

float saturation_vapour_pressure_pa(float temperature_celsius) {
  const float t = limited_temperature(temperature_celsius);
  return magnus_pa * kernels::exponential_f32(magnus_slope * t / (magnus_celsius + t));
}

float dew_point_celsius(float temperature_celsius, float humidity_percent) {
  const float e_pa = vapour_pressure_pa(temperature_celsius, humidity_percent);
  const float y = kernels::logarithm_f32(e_pa / magnus_pa);
  const float dew_point = magnus_celsius * y / (magnus_slope - y);
  return smaller(dew_point, limited_temperature(temperature_celsius));
}

float absolute_humidity_gpm3(float temperature_celsius, float humidity_percent) {
  constexpr float grams_kelvin_per_joule = 1000.0F / 461.52F;
  const float kelvin = limited_temperature(temperature_celsius) - zero_kelvin_celsius;
  return grams_kelvin_per_joule * vapour_pressure_pa(temperature_celsius, humidity_percent) /
         kelvin;
}

float sea_level_pressure_pa(float pressure_pa, float altitude_m, float temperature_celsius,
                            float humidity_percent) {
  constexpr float gas_constant_dry = 287.05F;  // J/(kg K)
  constexpr float lapse_kelvin_per_m = 0.0065F;
  constexpr float kelvin_per_pa = 0.0012F;
  const float h = within(altitude_m, -500.0F, 9000.0F);
  const float moist_kelvin =
      humidity_percent > 0.0F
          ? kelvin_per_pa * vapour_pressure_pa(temperature_celsius, humidity_percent)
          : 0.0F;
  const float kelvin = limited_temperature(temperature_celsius) - zero_kelvin_celsius +
                       moist_kelvin + 0.5F * lapse_kelvin_per_m * h;
  return pressure_pa *
         kernels::exponential_f32(ahrs::gravity_mps2 * h / (gas_constant_dry * kelvin));
}

}  // namespace derived
}  // namespace fusion
}  // namespace haltere
