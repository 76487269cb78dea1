#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Platform `redundant`: one value out of several sensors of the same quantity.
extern const FilterType redundant_type;

}  // namespace haltere::fusion
