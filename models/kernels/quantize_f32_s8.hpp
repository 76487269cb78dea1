#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// zero_point + (x - mean) * gain, rounded half away from zero and clamped to int8; NaN gives
/// zero_point. One float subtraction and one multiplication, the rest is integer: same bits
/// anywhere.
int8_t quantize_f32_s8(float x, float mean, float gain, int8_t zero_point);

/// The same from the floats' bits with integers alone, for cores without an FPU: smaller and faster
/// there than the compiler's floats. mean and gain are finite.
int8_t quantize_f32_s8_portable(uint32_t x_bits, uint32_t mean_bits, uint32_t gain_bits,
                                int8_t zero_point);

/// How a net's inputs are normalised and quantized.
struct InputQuantization {
  const uint8_t* mean;  ///< float32 mean [count], then gain [count], little-endian, 4-aligned
  uint16_t count;
  int8_t zero_point;
};

/// q[i] = quantize_f32_s8(x[i], mean[i], gain[i], zero_point). x: float32 [count] as bytes,
/// 4-aligned.
void quantize_row_f32_s8(const InputQuantization& input, const uint8_t* x, int8_t* q);

}  // namespace kernels
}  // namespace haltere
