#pragma once

#include <chrono>
#include <memory>

#include "sensors/gpio_line.hpp"
#include "sensors/sensor.hpp"

namespace haltere::sensors {

/// A sensor with one channel, `state`, whose samples are the debounced changes of `line`, each at
/// the time of its edge; the first sample is the state at the first read. Errors: as
/// GpioLine::active.
[[nodiscard]] Result<std::unique_ptr<Sensor>> make_gpio_sensor(std::unique_ptr<GpioLine> line,
                                                               std::chrono::nanoseconds debounce);

}  // namespace haltere::sensors
