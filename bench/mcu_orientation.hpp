#pragma once

#include <string>

#include "config/json.hpp"

namespace haltere::bench {

/// What the orientation filter costs on each emulated core: instructions per update of nine axes at
/// 100 Hz, bytes of state and stack; prints a table. Null for a core whose image is missing.
[[nodiscard]] nlohmann::ordered_json measure_orientation(const std::string& images);

}  // namespace haltere::bench
