#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Platform `activity`: rest, free fall, steps and taps.
extern const FilterType activity_type;

}  // namespace haltere::fusion
