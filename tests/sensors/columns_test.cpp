#include "sensors/columns.hpp"

#include <gtest/gtest.h>

#include <string>

#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

using fakes::problem_with;

std::string with_columns(const std::string& columns) {
  return "{device: /dev/ttyACM0, columns: " + columns + "}";
}

TEST(Columns, GiveTheLayoutOfTheSamples) {
  std::vector<config::Diagnostic> diagnostics;
  const config::Section section = fakes::settings(
      "serial_lines",
      "{device: x, rate: 119Hz, columns: ['t:s', 'rec:segment', 'gesture:label', 'ax:g', 'gz:dps', "
      "'i:skip', 'temp:celsius', count]}");
  const Layout layout = find_driver("serial_lines")->layout(section, diagnostics);
  ASSERT_TRUE(diagnostics.empty());
  EXPECT_EQ(layout.rate_hz, 119.0);
  ASSERT_EQ(layout.channels.size(), 4U);
  EXPECT_EQ(layout.channels[0].name, "ax");
  EXPECT_EQ(layout.channels[0].quantity, Quantity::acceleration);
  EXPECT_EQ(layout.channels[1].quantity, Quantity::angular_rate);
  EXPECT_EQ(layout.channels[2].quantity, Quantity::temperature);
  EXPECT_EQ(layout.channels[3].quantity, Quantity::number);
}

TEST(Columns, MayAllBePlainNames) {
  EXPECT_EQ(problem_with("serial_lines", with_columns("[a, b]")), "");
  EXPECT_EQ(problem_with("serial_lines", with_columns("a")), "");
}

TEST(Columns, SayWhatIsWrongWithThem) {
  EXPECT_NE(problem_with("serial_lines", with_columns("['ax:furlong']")).find("furlong"),
            std::string::npos);
  EXPECT_EQ(problem_with("serial_lines", with_columns("['ax:g', 'ax:dps']")),
            "a second column 'ax'");
  EXPECT_EQ(problem_with("serial_lines", with_columns("['a:label', 'b:label', c]")),
            "a second column of this kind");
  EXPECT_EQ(problem_with("serial_lines", with_columns("['t:s', 'r:segment']")),
            "no column is a channel, as 'ax:g' is");
  EXPECT_EQ(problem_with("serial_lines", with_columns("[':g']")),
            "a column needs a name, as in 'ax:g'");
  std::string many = "[c0";
  for (int i = 1; i < 33; ++i) many += ", c" + std::to_string(i);
  EXPECT_EQ(problem_with("serial_lines", with_columns(many + "]")),
            "more than 32 channels; use ':skip' for some");
  std::string skipped = "[x";
  for (int i = 0; i < 64; ++i) skipped += ", 's:skip'";
  EXPECT_EQ(problem_with("serial_lines", with_columns(skipped + "]")), "more than 64 columns");
}

}  // namespace
}  // namespace haltere::sensors
