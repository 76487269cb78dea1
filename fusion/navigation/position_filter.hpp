#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Fusion platform `position`.
extern const FilterType position_type;

}  // namespace haltere::fusion
