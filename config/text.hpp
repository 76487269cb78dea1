#pragma once

#include <span>
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace haltere::config {

/// `text` in single quotes, as messages cite what the user wrote.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// "a, b, c"
[[nodiscard]] std::string join(std::span<const std::string_view> words);
[[nodiscard]] std::string join(std::span<const std::string> words);

/// "a list", for messages.
[[nodiscard]] std::string_view shape_name(Node::Kind kind);

/// The double that prints as the shortest text that reads back as `value`: 0.004 where widening
/// gives 0.00400000018998980522.
[[nodiscard]] double as_written(float value);

/// "between 1 ms and 1 h", "at least 1", "at most 2 Hz"; empty when `setting` has no bounds.
[[nodiscard]] std::string range_text(const Setting& setting);

}  // namespace haltere::config
