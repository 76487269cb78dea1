// Quantities worked out from others: moist air, and a machine's vibration.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "fusion/derived/moist_air.hpp"
#include "fusion/derived/vibration.hpp"

namespace haltere::fusion::derived {
namespace {

constexpr unsigned seed = 20261122;
constexpr double pi = 3.14159265358979323846;

// Saturation over water by Goff and Gratch (WMO technical regulations, 1988, in the Smithsonian
// meteorological tables): an independent formula, from which Magnus' differs by less than 0.3 %.
TEST(MoistAir, saturation_is_that_of_the_tables) {
  const std::array<std::array<double, 2>, 5> table{
      {{0.0, 611.2}, {10.0, 1227.2}, {20.0, 2337.3}, {30.0, 4243.0}, {50.0, 12335.0}}};
  for (const auto& [celsius, pa] : table) {
    EXPECT_NEAR(saturation_vapour_pressure_pa(static_cast<float>(celsius)), pa, 0.004 * pa);
  }
}

TEST(MoistAir, dew_point_is_where_the_air_would_be_saturated) {
  EXPECT_NEAR(dew_point_celsius(20.0F, 50.0F), 9.26, 0.02);
  EXPECT_NEAR(dew_point_celsius(25.0F, 60.0F), 16.69, 0.03);
  for (float t = -40.0F; t <= 60.0F; t += 5.0F) {
    EXPECT_NEAR(dew_point_celsius(t, 100.0F), t, 0.002);
    for (float rh = 5.0F; rh < 100.0F; rh += 5.0F) {
      const float dew = dew_point_celsius(t, rh);
      if (dew < coldest_celsius) continue;
      EXPECT_NEAR(100.0F * saturation_vapour_pressure_pa(dew) / saturation_vapour_pressure_pa(t),
                  rh, 0.01F);
    }
  }
}

TEST(MoistAir, absolute_humidity_is_the_mass_of_water_in_a_cubic_metre) {
  // Steam tables, to the 0.4 % that Magnus' formula may be off.
  EXPECT_NEAR(absolute_humidity_gpm3(20.0F, 100.0F) / 17.29F, 1.0, 0.004);
  EXPECT_NEAR(absolute_humidity_gpm3(30.0F, 100.0F) / 30.38F, 1.0, 0.004);
  EXPECT_NEAR(absolute_humidity_gpm3(30.0F, 50.0F), 0.5F * absolute_humidity_gpm3(30.0F, 100.0F),
              1e-4F);
}

// The standard atmosphere (ISO 2533): 89874.6 Pa at 1000 m and 8.5 degrees, 79495.2 at 2000 m
// and 2.
TEST(MoistAir, sea_level_pressure_undoes_the_standard_atmosphere) {
  EXPECT_NEAR(sea_level_pressure_pa(89874.6F, 1000.0F, 8.5F, 0.0F), 101325.0, 15.0);
  EXPECT_NEAR(sea_level_pressure_pa(79495.2F, 2000.0F, 2.0F, 0.0F), 101325.0, 40.0);
  EXPECT_EQ(sea_level_pressure_pa(100000.0F, 0.0F, 20.0F, 50.0F), 100000.0F);
  EXPECT_LT(sea_level_pressure_pa(95000.0F, 500.0F, 20.0F, 90.0F),
            sea_level_pressure_pa(95000.0F, 500.0F, 20.0F, 0.0F));
}

TEST(MoistAir, no_nan_comes_out_of_any_number) {
  for (const float t : {-3e38F, -273.15F, -243.12F, 0.0F, 3e38F}) {
    for (const float rh : {-3e38F, -1.0F, 0.0F, 1e-30F, 200.0F, 3e38F}) {
      EXPECT_TRUE(std::isfinite(dew_point_celsius(t, rh)));
      EXPECT_TRUE(std::isfinite(absolute_humidity_gpm3(t, rh)));
      EXPECT_TRUE(std::isfinite(sea_level_pressure_pa(1e5F, t, rh, rh)));
    }
  }
}

/// What a sine of `peak_mps2` amounts to, after it has settled.
VibrationOutput of_sine(float rate_hz, double hz, double peak_mps2, double mean_mps2 = 9.81) {
  Vibration vibration(rate_hz);
  const int per_s = static_cast<int>(rate_hz);
  for (int i = 0; i < 3 * per_s; ++i) {
    if (i == 2 * per_s) vibration.take();
    vibration.add(static_cast<float>(mean_mps2 + peak_mps2 * std::sin(2.0 * pi * hz * i / per_s)));
  }
  return vibration.take();
}

TEST(Vibration, velocity_of_a_sine_is_its_acceleration_over_its_angular_frequency) {
  // 1 m/s² RMS at 159.155 Hz, 1000 rad/s, is 1 mm/s; and gravity does not matter.
  const VibrationOutput out = of_sine(25'600.0F, 159.155, std::sqrt(2.0));
  EXPECT_NEAR(out.velocity_mmps, 1.0, 0.005);
  EXPECT_NEAR(out.acceleration_mps2, 1.0, 0.005);
  EXPECT_NEAR(out.peak_mps2, std::sqrt(2.0), 0.01);
  EXPECT_NEAR(out.crest_factor, std::sqrt(2.0), 0.01);
}

// ISO 2954:2012, table 1: relative sensitivity 0.8 to 1.1 at 10 and 1000 Hz, 0.9 to 1.1 from 20 to
// 500 Hz; outside the band it falls.
TEST(Vibration, the_band_is_that_of_the_standard) {
  for (const float rate_hz : {4'000.0F, 8'000.0F, 25'600.0F}) {
    const auto relative = [&](double hz) {
      const double velocity_mmps = 1000.0 / std::sqrt(2.0) / (2.0 * pi * hz);
      return static_cast<double>(of_sine(rate_hz, hz, 1.0).velocity_mmps) / velocity_mmps;
    };
    for (const double hz : {10.0, 1000.0}) {
      EXPECT_GT(relative(hz), 0.8) << hz << " Hz at " << rate_hz;
      EXPECT_LT(relative(hz), 1.1) << hz << " Hz at " << rate_hz;
    }
    for (const double hz : {20.0, 50.0, 160.0, 500.0}) {
      EXPECT_NEAR(relative(hz), 1.0, 0.1) << hz << " Hz at " << rate_hz;
    }
    EXPECT_LT(relative(2.0), 0.05);
    if (rate_hz > 20'000.0F) {
      EXPECT_LT(relative(4000.0), 0.05);
    }
  }
}

TEST(Vibration, slow_boards_measure_the_part_of_the_band_they_can) {
  const double velocity_mmps = 1000.0 / std::sqrt(2.0) / (2.0 * pi * 100.0);
  EXPECT_NEAR(of_sine(800.0F, 100.0, 1.0).velocity_mmps, velocity_mmps, 0.05 * velocity_mmps);
}

TEST(Vibration, zones_are_the_standards) {
  EXPECT_EQ(zone_of(0.70F, Machine::class_1), Zone::a);
  EXPECT_EQ(zone_of(0.71F, Machine::class_1), Zone::b);
  EXPECT_EQ(zone_of(7.0F, Machine::class_2), Zone::c);
  EXPECT_EQ(zone_of(11.2F, Machine::class_3), Zone::d);
  EXPECT_EQ(zone_of(17.9F, Machine::class_4), Zone::c);
  EXPECT_EQ(zone_of(4.6F, Machine::group_1_rigid), Zone::c);
  EXPECT_EQ(zone_of(3.4F, Machine::group_1_flexible), Zone::a);
  EXPECT_EQ(zone_of(4.5F, Machine::group_2_rigid), Zone::d);
  EXPECT_EQ(zone_of(2.3F, Machine::group_2_flexible), Zone::b);
}

TEST(Vibration, no_nan_comes_out_of_anything) {
  std::mt19937_64 random(seed);
  for (const float rate_hz : {100.0F, 1600.0F, 100'000.0F}) {
    Vibration vibration(rate_hz);
    for (int i = 0; i < 50'000; ++i) {
      float value = static_cast<float>(random() % 2000) * 0.01F - 10.0F;
      const auto pick = random() % 50;
      if (pick == 0) value = std::numeric_limits<float>::quiet_NaN();
      if (pick == 1) value = -std::numeric_limits<float>::infinity();
      if (pick == 2) value = 3e38F;
      vibration.add(value);
      if (random() % 300 != 0) continue;
      const VibrationOutput out = vibration.take();
      for (const float v :
           {out.velocity_mmps, out.acceleration_mps2, out.peak_mps2, out.crest_factor})
        ASSERT_TRUE(std::isfinite(v));
      if (random() % 10 == 0) vibration.reset();
    }
  }
}

}  // namespace
}  // namespace haltere::fusion::derived
