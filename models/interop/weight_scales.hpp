#pragma once

#include <vector>

#include "config/result.hpp"
#include "models/bundle.hpp"

namespace haltere::models::interop {

/// Scales of a layer's weights, [1] or [outputs], of which TensorFlow Lite Micro makes factors with
/// which every possible sum gives the layer's own result. Errors: invalid, naming a row for which
/// there is none.
[[nodiscard]] Result<std::vector<float>> weight_scales_of(const BundleLayer& layer,
                                                          float input_scale);

}  // namespace haltere::models::interop
