#pragma once

#include <cstddef>
#include <string_view>

namespace haltere::config {

/// Number of leading bytes of `text` that are printable UTF-8, tab or line ends; all of them when
/// `text` is clean. NUL and other control characters, overlong forms, surrogates and code points
/// above U+10FFFF end the count.
[[nodiscard]] std::size_t clean_prefix(std::string_view text);

}  // namespace haltere::config
