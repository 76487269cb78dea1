#pragma once

#include "models/kernels/dense_s8.hpp"

namespace haltere {
namespace kernels {
namespace nibbles {

// The weights of int4 layers: groups of four rows, in each group a 16-bit word per column, whose
// four nibbles are the rows' weights + 8, the first row's the lowest. Rows that are not there are
// 0.
constexpr uint32_t rows = 4;
constexpr uint32_t bits = 4;
constexpr uint32_t column_bytes = 2;
constexpr uint8_t raised = 8;
constexpr int8_t largest = 7;  // and -7 the least

/// Without padding at the end.
constexpr uint32_t layer_bytes(uint16_t inputs, uint16_t outputs) {
  return (outputs + rows - 1U) / rows * column_bytes * inputs;
}

/// The nibble of row `row` of the group in the word of a column.
constexpr uint8_t nibble(uint16_t column, uint32_t row) {
  return static_cast<uint8_t>(column >> (bits * row) & 0xfU);
}

}  // namespace nibbles

/// dense_s8 of a layer whose weights are nibbles: the bytes that the same weights give as int8.
void dense_s4(const DenseS8& layer, const int8_t* x, int8_t* y);

}  // namespace kernels
}  // namespace haltere
