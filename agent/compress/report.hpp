#pragma once

#include <string>

#include "agent/compress/search.hpp"
#include "config/json.hpp"

namespace haltere::agent {

/// What was tried, side by side, and what was chosen, for people.
[[nodiscard]] std::string compress_text(const CompressResult& result);

/// The same as JSON.
[[nodiscard]] nlohmann::ordered_json compress_json(const CompressResult& result);

}  // namespace haltere::agent
