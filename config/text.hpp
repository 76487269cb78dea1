#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace haltere::config {

/// `text` in single quotes, as messages cite what the user wrote.
[[nodiscard]] std::string quoted(std::string_view text);

/// "a, b, c"
[[nodiscard]] std::string join(std::span<const std::string_view> words);

/// "between 1 ms and 1 h", "at least 1", "at most 2 Hz"; empty when `setting` has no bounds.
[[nodiscard]] std::string range_text(const Setting& setting);

}  // namespace haltere::config
