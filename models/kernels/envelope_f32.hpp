#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

/// Envelope of the vibration above `corner` (share of the rate, 0 < corner < 1/2): x - mean through
/// a Butterworth high-pass of second order, rectified, through the like low-pass at the same
/// corner. Both start at rest. x and out [n] may be the same.
void envelope_f32(const float* x, size_t n, float mean, float corner, float* out);

}  // namespace kernels
}  // namespace haltere
