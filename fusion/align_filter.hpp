#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Platform `align`: streams of different rates on one clock.
extern const FilterType align_type;

}  // namespace haltere::fusion
