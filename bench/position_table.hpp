#pragma once

#include <string>

#include "config/json.hpp"

namespace haltere::bench {

/// Position over the recordings in `folder`, a satellite receiver made up over their true position:
/// root mean square errors of our filter and of the receiver alone, and our error after outages of
/// 1, 2, 5 and 10 s. Prints a table; returns the same figures. Nothing where there are no
/// recordings.
[[nodiscard]] nlohmann::ordered_json position_table(const std::string& folder);

}  // namespace haltere::bench
