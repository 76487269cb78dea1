#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

// Of several channels that belong together, as the three axes of a sensor do.

/// sum(|x[t]|) / n over all of channels [count], x = window[c * stride] and the n - 1 after it.
float signal_magnitude_area_f32(const float* window, size_t stride, size_t count, size_t n);

/// Pearson's correlation of x and y [n], -1..1: sum((x - mean x)(y - mean y)) over the root of both
/// sums of squares; 0 if one of them does not vary.
float correlation_f32(const float* x, const float* y, size_t n);

}  // namespace kernels
}  // namespace haltere
