#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

/// Copies x [n] to sorted [n], ascending; zeros lose their sign, so that equal values are the same
/// bits and however a window was sorted, it comes out the same.
void order_f32(const float* x, size_t n, float* sorted);

/// Makes of sorted [n] that of a window further on: without the values of gone [count], with those
/// of come [count], count <= n; all three as order_f32 left them.
void move_order_f32(float* sorted, size_t n, const float* gone, const float* come, size_t count);

}  // namespace kernels
}  // namespace haltere
