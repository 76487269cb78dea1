#pragma once

#include "config/result.hpp"
#include "models/bundle.hpp"
#include "models/network.hpp"

namespace haltere::models {

/// The float net whose weights are those of `bundle`, int8 steps times their scales: to learn on
/// from where only the bundle is left. Inputs and outputs are normalised as for `quantize`. Errors:
/// invalid for packed weights.
[[nodiscard]] Result<Network> dequantize(const Bundle& bundle);

}  // namespace haltere::models
