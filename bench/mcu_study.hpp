#pragma once

#include <string>

#include "config/json.hpp"

namespace haltere::bench {

/// Measures and prints instructions of one step of learning on each emulated core, the inference
/// before it included; `folder` holds the firmware images.
[[nodiscard]] nlohmann::ordered_json measure_study(const std::string& folder);

}  // namespace haltere::bench
