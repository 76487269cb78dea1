#pragma once

#include <string>

#include "config/json.hpp"

namespace haltere::bench {

/// Height and vertical speed over the recordings in `folder`, a barometer made up over their true
/// height: root mean square errors of our filter, of the barometer alone, and of a complementary
/// filter. Prints a table; returns the same figures. Nothing where there are no recordings.
[[nodiscard]] nlohmann::ordered_json altitude_table(const std::string& folder);

}  // namespace haltere::bench
