#pragma once

#include "models/kernels/dense_s8.hpp"

namespace haltere {
namespace kernels {

/// What output `row` of `layer` becomes of the sum of its products: the end of every kernel whose
/// layer has its multipliers, layer_bias and shifts in arrays.
__attribute__((noinline)) int8_t finish_row(const DenseS8& layer, uint16_t row, int32_t sum);

}  // namespace kernels
}  // namespace haltere
