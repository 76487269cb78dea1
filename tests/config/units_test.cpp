#include "config/units.hpp"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

namespace haltere::config {
namespace {

double value_of(std::string_view text, Dimension dimension) {
  const Result<double> value = parse_quantity(text, dimension);
  EXPECT_TRUE(value.ok()) << text << ": " << (value.ok() ? "" : value.error().message);
  return value.ok() ? *value : std::nan("");
}

std::string message_of(std::string_view text, Dimension dimension) {
  const Result<double> value = parse_quantity(text, dimension);
  return value.ok() ? "accepted as " + std::to_string(*value) : value.error().message;
}

TEST(Units, deliver_si) {
  EXPECT_EQ(value_of("35ms", Dimension::time), 0.035);
  EXPECT_EQ(value_of("250us", Dimension::time), 0.00025);
  EXPECT_EQ(value_of("2 h", Dimension::time), 7200);
  EXPECT_EQ(value_of("208Hz", Dimension::frequency), 208);
  EXPECT_EQ(value_of("1.5kHz", Dimension::frequency), 1500);
  EXPECT_EQ(value_of("4g", Dimension::acceleration), 4 * 9.80665);
  EXPECT_DOUBLE_EQ(value_of("180dps", Dimension::angular_rate), 3.14159265358979323846);
  EXPECT_DOUBLE_EQ(value_of("-90deg", Dimension::angle), -1.57079632679489661923);
  EXPECT_EQ(value_of("0.5gauss", Dimension::magnetic_field), 50);
  EXPECT_EQ(value_of("1013.25hPa", Dimension::pressure), 101325);
  EXPECT_EQ(value_of("1bar", Dimension::pressure), 100000);
  EXPECT_EQ(value_of("9.1KiB", Dimension::bytes), 9.1 * 1024);
  EXPECT_EQ(value_of("200 windows", Dimension::windows), 200);
  EXPECT_EQ(value_of("400ppb", Dimension::concentration), 0.4);
}

TEST(Units, temperatures_have_offsets) {
  EXPECT_EQ(value_of("-0.8celsius", Dimension::temperature), -0.8);
  EXPECT_EQ(value_of("-40 °C", Dimension::temperature), -40);
  EXPECT_DOUBLE_EQ(value_of("273.15kelvin", Dimension::temperature), 0);
  EXPECT_NEAR(value_of("-40fahrenheit", Dimension::temperature), -40, 1e-12);
  EXPECT_NEAR(value_of("212fahrenheit", Dimension::temperature), 100, 1e-12);
}

TEST(Units, ratios_may_be_percent_or_bare) {
  EXPECT_EQ(value_of("1%", Dimension::ratio), 0.01);
  EXPECT_EQ(value_of("1 %", Dimension::ratio), 0.01);
  EXPECT_EQ(value_of("0.25", Dimension::ratio), 0.25);
  EXPECT_EQ(value_of("45%", Dimension::humidity), 45);
}

TEST(Units, numbers_may_be_signed_and_scientific) {
  EXPECT_EQ(value_of("-1e-3", Dimension::none), -0.001);
  EXPECT_EQ(value_of("+.5", Dimension::none), 0.5);
  EXPECT_EQ(value_of("1e3Hz", Dimension::frequency), 1000);
  EXPECT_EQ(value_of("0", Dimension::none), 0);
  EXPECT_EQ(value_of("-0.5", Dimension::none), -0.5);
}

TEST(Units, missing_unit_proposes_the_usual_one) {
  EXPECT_EQ(message_of("60", Dimension::time), "'60' has no unit; did you mean '60s'?");
  EXPECT_EQ(message_of("-1", Dimension::temperature),
            "'-1' has no unit; did you mean '-1celsius'?");
  EXPECT_EQ(message_of("20", Dimension::windows), "'20' has no unit; did you mean '20 windows'?");
}

TEST(Units, unknown_unit_proposes_the_nearest_one) {
  EXPECT_EQ(message_of("200hz", Dimension::frequency),
            "'200hz' has the unknown unit 'hz'; did you mean '200Hz'?");
  EXPECT_EQ(message_of("3window", Dimension::time),
            "'3window' is a number of windows; a time is needed (ns, us, ms, s, min, h, d)");
  EXPECT_EQ(
      message_of("5parsec", Dimension::acceleration),
      "'5parsec' has the unknown unit 'parsec'; an acceleration is given in m/s2, mg, g, m/s^2");
}

TEST(Units, unit_of_another_dimension_is_named) {
  EXPECT_EQ(message_of("10Hz", Dimension::time),
            "'10Hz' is a frequency; a time is needed (ns, us, ms, s, min, h, d)");
  EXPECT_EQ(message_of("4g", Dimension::none), "'4g' is an acceleration; a plain number is needed");
  EXPECT_EQ(message_of("1_000", Dimension::none), "'1_000' is not a plain number");
}

TEST(Units, what_other_yaml_readers_take_for_numbers_is_refused) {
  EXPECT_EQ(message_of("010", Dimension::none), "'010' starts with a zero; did you mean '10'?");
  EXPECT_EQ(message_of("-007.5ms", Dimension::time),
            "'-007.5ms' starts with a zero; did you mean '-7.5ms'?");
  for (const char* text : {".nan", ".inf", "-.inf", "nan", "inf", "infinity", "", "-", "+", ".",
                           "s", "--1", "0x10", "½"}) {
    EXPECT_FALSE(parse_quantity(text, Dimension::none).ok()) << text;
    EXPECT_FALSE(parse_quantity(text, Dimension::time).ok()) << text;
  }
  EXPECT_EQ(message_of(".nan", Dimension::none), "'.nan' is not a number");
  EXPECT_EQ(message_of("1e999", Dimension::none), "'1e999' is beyond what a number can hold");
  EXPECT_EQ(message_of("1e308d", Dimension::time), "'1e308d' is beyond what a number can hold");
}

TEST(Units, shown_in_a_unit_a_person_would_choose) {
  EXPECT_EQ(format_quantity(200, Dimension::frequency), "200 Hz");
  EXPECT_EQ(format_quantity(9.1 * 1024, Dimension::bytes), "9.1 KiB");
  EXPECT_EQ(format_quantity(0.02, Dimension::time), "20 ms");
  EXPECT_EQ(format_quantity(0, Dimension::time), "0 s");
  EXPECT_EQ(format_quantity(4 * 9.80665, Dimension::acceleration), "4 g");
  EXPECT_EQ(format_quantity(0.01, Dimension::ratio), "1%");
  EXPECT_EQ(format_quantity(-12.5, Dimension::temperature), "-12.5 °C");
  EXPECT_EQ(format_quantity(3, Dimension::none), "3");
  EXPECT_EQ(format_quantity(20, Dimension::windows), "20 windows");
}

TEST(Units, shown_quantities_are_read_back) {
  for (const Dimension dimension :
       {Dimension::time, Dimension::frequency, Dimension::acceleration, Dimension::bytes,
        Dimension::temperature, Dimension::pressure, Dimension::humidity}) {
    for (const double value : {0.0, 0.002, 1.0, 250.0, 3600.0}) {
      const std::string text = format_quantity(value, dimension);
      EXPECT_NEAR(value_of(text, dimension), value, 1e-3 * value) << text;
    }
  }
}

TEST(Units, column_units_scale_to_si) {
  const Result<UnitScale> g = find_unit("g");
  ASSERT_TRUE(g.ok());
  EXPECT_EQ(g->dimension, Dimension::acceleration);
  EXPECT_EQ(g->factor, 9.80665);
  const Result<UnitScale> kelvin = find_unit("kelvin");
  ASSERT_TRUE(kelvin.ok());
  EXPECT_EQ(kelvin->offset, -273.15);
  EXPECT_EQ(find_unit("m/s2")->dimension, Dimension::acceleration);
  EXPECT_EQ(find_unit("celsius")->dimension, Dimension::temperature);
  const Result<UnitScale> slip = find_unit("celcius");
  ASSERT_FALSE(slip.ok());
  EXPECT_EQ(slip.error().message, "'celcius' is not a unit; did you mean 'celsius'?");
}

}  // namespace
}  // namespace haltere::config
