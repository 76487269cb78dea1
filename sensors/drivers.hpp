#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/result.hpp"
#include "config/settings.hpp"
#include "sensors/buses.hpp"
#include "sensors/sensor.hpp"

namespace haltere::sensors {

/// What `read` of such a sensor yields, known from its settings alone, so that streams resolve
/// while the device is absent. Problems are added to `diagnostics`; the layout then holds what made
/// sense.
using LayoutOf = Layout(const config::Section& settings,
                        std::vector<config::Diagnostic>& diagnostics);

/// Opens the device. Call on the thread that will read the sensor. Errors: as the bus or port, plus
/// corrupt (another chip answers).
using Open = Result<std::unique_ptr<Sensor>>(const config::Section& settings, Buses& buses);

/// A sensor platform: its settings (without `id` and `platform`, which every sensor has) and how to
/// make one.
struct Driver {
  config::Component component;
  LayoutOf* layout = nullptr;
  Open* open = nullptr;
};

// One declaration per platform, each defined in its own file; the table is in drivers.cpp.
[[nodiscard]] Driver bme280_i2c_driver();
[[nodiscard]] Driver gpio_driver();
[[nodiscard]] Driver mcu_stream_driver();
[[nodiscard]] Driver mpu6050_driver();
[[nodiscard]] Driver nmea_driver();
[[nodiscard]] Driver replay_driver();
[[nodiscard]] Driver serial_lines_driver();
[[nodiscard]] Driver tmp102_driver();

/// Every sensor platform, ascending by name.
[[nodiscard]] std::span<const Driver> drivers();

/// The driver of `platform`, or nullptr.
[[nodiscard]] const Driver* find_driver(std::string_view platform);

/// Every bus platform (`i2c`), for the `buses:` list.
[[nodiscard]] std::span<const config::Component> bus_components();

}  // namespace haltere::sensors
