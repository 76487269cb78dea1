#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

constexpr size_t lookup_table_bytes = 256;

/// values[i] = table[values[i] + 128] in place: tanh and sigmoid, whose quantization is fixed
/// (tanh: scale 1/128, zero point 0; sigmoid: scale 1/256, zero point -128), and leaky relu, which
/// keeps that of its sums.
void lookup_s8(const int8_t* table, int8_t* values, size_t count);

}  // namespace kernels
}  // namespace haltere
