#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Platform `air`: what temperature, humidity and pressure say together.
extern const FilterType air_type;

}  // namespace haltere::fusion
