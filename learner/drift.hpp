#pragma once

#include <cstdint>
#include <string_view>

namespace haltere::learner {

/// What a drift detector says after a value.
enum class DriftLevel : std::uint8_t {
  stable,
  warning,  ///< the stream may be changing: a good time to begin keeping new rows apart
  drift,    ///< it has changed; the detector has started over on what came since
};

/// Which changes of the mean a detector reports. All of them make it start over.
enum class DriftDirection : std::uint8_t {
  rise,    ///< of an error: getting better is no drift
  either,  ///< of an input
};

[[nodiscard]] constexpr std::string_view to_string(DriftLevel level) {
  switch (level) {
    case DriftLevel::stable: return "stable";
    case DriftLevel::warning: return "warning";
    case DriftLevel::drift: return "drift";
  }
  return "stable";
}

}  // namespace haltere::learner
