#pragma once

#include <string>
#include <string_view>

#include "config/result.hpp"
#include "sensors/gpio_line.hpp"

namespace haltere::sensors {

/// For messages: `gpiochip0 line 17`.
[[nodiscard]] std::string gpio_line_name(const GpioLineOptions& options);

/// The Error for `error_number` of an operation on a line, with what a person can do about it.
[[nodiscard]] Error gpio_error(std::string_view line_name, int error_number);

}  // namespace haltere::sensors
