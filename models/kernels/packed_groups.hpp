#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {
namespace packed_groups {

// A packed layer is a sequence of groups of four rows; models/format.md explains the fields.
constexpr uint32_t rows = 4;
constexpr uint32_t columns = 4;  // a step: as many columns of all rows
constexpr uint32_t start_bytes = 4 * rows;
constexpr uint32_t step_bytes = rows * columns;
constexpr uint32_t row_bytes = 12;
constexpr uint32_t row_multiplier = 0;
constexpr uint32_t row_offset = 4;
constexpr uint32_t row_shift = 8;
constexpr uint32_t max_shift = 22;  // so that no sum with the offset can overflow

constexpr uint32_t steps(uint16_t inputs) { return (inputs + columns - 1U) / columns; }
constexpr uint32_t group_bytes(uint16_t inputs) {
  return start_bytes + step_bytes * steps(inputs) + rows * row_bytes;
}
constexpr uint32_t layer_bytes(uint16_t inputs, uint16_t outputs) {
  return (outputs + rows - 1U) / rows * group_bytes(inputs);
}

}  // namespace packed_groups
}  // namespace kernels
}  // namespace haltere
