#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

constexpr uint16_t max_softmax_outputs = 256;

/// Scale of softmax's input as a fixed-point factor: input_scale * 2^26 = multiplier / 2^31 *
/// 2^shift.
struct SoftmaxS8 {
  int32_t multiplier;  ///< Q0.31, >= 2^30
  int8_t shift;        ///< 0..30
};

/// Softmax in place, output scale 1/256 and zero point -128, in the fixed-point steps of the TFLite
/// 8-bit specification: same bytes as TFLite Micro. `count` 1..max_softmax_outputs.
void softmax_s8(const SoftmaxS8& scaling, int8_t* values, size_t count);

/// exp(x) for x <= 0: Q5.26 in, Q0.31 out.
int32_t exp_negative_q26(int32_t x);

}  // namespace kernels
}  // namespace haltere
