#pragma once

#include <span>

#include "config/result.hpp"
#include "models/bundle.hpp"

namespace haltere::models {

/// `base` with what was learned on its last layer (kernels::HeadF32::delta, [outputs][inputs + 1])
/// quantized into it: all other layers stay. Its version is one higher, and it names `base` as the
/// one it was learned on from. It answers as the device did but for rounding, and but where the
/// base's int8 sums were cut off, which the merged ones are not: check it on labelled rows. Errors:
/// invalid for packed weights, a model that is no classifier by softmax, another number of weights,
/// or ones that int8 cannot hold.
[[nodiscard]] Result<Bundle> merge_head(const Bundle& base, std::span<const float> delta);

}  // namespace haltere::models
