#pragma once

#include "models/bundle.hpp"

namespace haltere::models {

/// Whether the arrays of `bundle` fit each other, so that it can be written at all. What the
/// numbers may be is checked by the reader. Errors: invalid, naming the field.
[[nodiscard]] Status check_sizes(const Bundle& bundle);

}  // namespace haltere::models
