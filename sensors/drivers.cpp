#include "sensors/drivers.hpp"

#include <algorithm>
#include <array>

namespace haltere::sensors {
namespace {

struct Entry {
  std::string_view platform;
  Driver (*driver)();
};

// One line per sensor platform. An explicit table, because a static library silently drops objects
// that only register themselves.
constexpr std::array entries{
    Entry{"bme280_i2c", bme280_i2c_driver},
    Entry{"gpio", gpio_driver},
    Entry{"mcu_stream", mcu_stream_driver},
    Entry{"mpu6050", mpu6050_driver},
    Entry{"nmea", nmea_driver},
    Entry{"replay", replay_driver},
    Entry{"serial_lines", serial_lines_driver},
    Entry{"tmp102", tmp102_driver},
};
static_assert(std::ranges::adjacent_find(entries, std::ranges::greater_equal{}, &Entry::platform) ==
                  entries.end(),
              "platforms must ascend strictly");

constexpr std::array i2c_settings{
    config::Setting{.key = "device", .description = "the adapter: /dev/i2c-1", .required = true},
};

constexpr std::array buses{
    config::Component{.kind = "buses",
                      .platform = "i2c",
                      .description = "an I2C adapter of Linux",
                      .settings = i2c_settings},
};

}  // namespace

std::span<const Driver> drivers() {
  static const auto all = [] {
    std::array<Driver, entries.size()> made{};
    std::ranges::transform(entries, made.begin(),
                           [](const Entry& entry) { return entry.driver(); });
    return made;
  }();
  return all;
}

const Driver* find_driver(std::string_view platform) {
  const std::span<const Driver> all = drivers();
  const auto found = std::ranges::find(
      all, platform, [](const Driver& driver) { return driver.component.platform; });
  return found == all.end() ? nullptr : &*found;
}

std::span<const config::Component> bus_components() { return buses; }

}  // namespace haltere::sensors
