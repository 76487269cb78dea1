#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Fusion platform `altitude`.
extern const FilterType altitude_type;

}  // namespace haltere::fusion
