#pragma once

#include "fusion/filter.hpp"

namespace haltere::fusion {

/// Fusion platform `orientation`.
extern const FilterType orientation_type;

}  // namespace haltere::fusion
