#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// zero_point + (x - mean) * gain, rounded half away from zero and clamped to int8; NaN gives
/// zero_point. One float subtraction and one multiplication, the rest is integer: same bits
/// anywhere.
int8_t quantize_f32_s8(float x, float mean, float gain, int8_t zero_point);

/// q[i] = quantize_f32_s8(x[i], mean[i], gain[i], zero_point). `mean` and `gain` are float32
/// arrays, little-endian and 4-aligned, of a bundle.
void quantize_row_f32_s8(const float* x, const uint8_t* mean, const uint8_t* gain,
                         int8_t zero_point, int8_t* q, size_t count);

}  // namespace kernels
}  // namespace haltere
