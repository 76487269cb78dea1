#pragma once

#include <span>

#include "config/settings.hpp"
#include "fusion/navigation/navigator.hpp"

namespace haltere::fusion {

/// The settings of platform `position`.
[[nodiscard]] std::span<const config::Setting> position_settings();

/// What `section`, read by that table, says.
[[nodiscard]] navigation::NavigatorSettings read_position_settings(const config::Section& section);

}  // namespace haltere::fusion
