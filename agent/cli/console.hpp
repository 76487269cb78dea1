#pragma once

#include <string_view>

namespace haltere::agent {

/// How much the user wants to read on stderr.
enum class Verbosity { quiet, normal, verbose };

/// Sends spdlog's default logger to stderr at the level of `verbosity`: quiet shows errors only,
/// verbose shows debug messages. Colours only on a terminal, and never when NO_COLOR is set.
void set_up_logging(Verbosity verbosity);

/// True when colours may be written to `fd`: it is a terminal and NO_COLOR is unset or empty.
[[nodiscard]] bool may_colour(int fd);

/// Prints `haltere: MESSAGE` to stderr.
void print_error(std::string_view message);

}  // namespace haltere::agent
