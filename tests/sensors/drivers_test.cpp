#include "sensors/drivers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace haltere::sensors {
namespace {

TEST(Drivers, AreFoundByTheirPlatform) {
  for (const Driver& driver : drivers()) {
    EXPECT_EQ(driver.component.kind, "sensors");
    EXPECT_EQ(find_driver(driver.component.platform), &driver);
    EXPECT_NE(driver.layout, nullptr);
    EXPECT_NE(driver.open, nullptr);
  }
  EXPECT_EQ(find_driver("no_such_platform"), nullptr);
}

TEST(Drivers, DescribeEverySettingInOneLine) {
  for (const Driver& driver : drivers()) {
    for (const config::Setting& setting : driver.component.settings) {
      SCOPED_TRACE(std::string(driver.component.platform) + "." + std::string(setting.key));
      EXPECT_FALSE(setting.description.empty());
      EXPECT_FALSE(setting.description.ends_with('.'));
      EXPECT_EQ(setting.description.find('\n'), std::string_view::npos);
      EXPECT_FALSE(setting.required && !setting.default_text.empty());
    }
  }
}

TEST(Buses, SayWhichBusIsNotDeclared) {
  Buses buses;
  const auto bus = buses.i2c("i2c1");
  ASSERT_FALSE(bus.ok());
  EXPECT_EQ(bus.error().kind, ErrorKind::not_found);
  EXPECT_EQ(bus.error().message, "no bus 'i2c1' in the list 'buses:'");
}

TEST(Buses, SayWhichDeviceIsMissing) {
  Buses buses;
  buses.add_i2c("i2c1", std::string("/dev/no-such-i2c"));
  const auto bus = buses.i2c("i2c1");
  ASSERT_FALSE(bus.ok());
  EXPECT_EQ(bus.error().kind, ErrorKind::not_found);
  buses.add_i2c("null", std::string("/dev/null"));
  EXPECT_EQ(buses.i2c("null").error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace haltere::sensors
