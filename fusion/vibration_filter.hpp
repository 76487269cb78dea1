#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Platform `vibration`: a machine's vibration velocity and its zone.
extern const FilterType vibration_type;

}  // namespace haltere::fusion
