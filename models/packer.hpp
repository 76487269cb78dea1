#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "config/result.hpp"
#include "models/kernels/dense_s8.hpp"

namespace haltere::models {

/// The same model with its weights laid out for one core class: the same outputs, bit for bit, from
/// other bytes, so another identity. Layers that the class's kernel cannot compute stay plain (a
/// shift that is not at least 1 to the right, sums that need more than 24 bits); when that is every
/// layer, or `packing` is plain, the bytes are those of `bundle`. Errors: as for `open`; invalid
/// when it is packed already.
[[nodiscard]] Result<std::vector<std::uint8_t>> pack(std::span<const std::uint8_t> bundle,
                                                     kernels::WeightPacking packing);

}  // namespace haltere::models
