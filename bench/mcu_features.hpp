#pragma once

#include <string>

#include "config/json.hpp"

namespace haltere::bench {

/// What features of 256 samples of three axes cost on each emulated core: instructions of a
/// transform, of the spectrum's features, of plain statistics; prints a table. Null for a core
/// whose image is missing.
[[nodiscard]] nlohmann::ordered_json measure_features(const std::string& images);

}  // namespace haltere::bench
