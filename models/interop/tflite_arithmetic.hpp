#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/interop/chain.hpp"
#include "models/kernels/softmax_s8.hpp"
#include "models/quantizer.hpp"

// What TensorFlow Lite Micro's reference kernels make of a model's scales when they load it, step
// by step: products and quotients are float or double exactly where theirs are, since their
// roundings decide about the last bit.
namespace haltere::models::interop {

/// Fixed-point factors of a dense layer: one for all rows if `weight_scales` has one entry.
[[nodiscard]] std::vector<FixedMultiplier> dense_multipliers(float input_scale,
                                                             std::span<const float> weight_scales,
                                                             float output_scale);

struct Clamp {
  std::int8_t low = -128;
  std::int8_t high = 127;
};

/// What `fused` limits an int8 tensor to.
[[nodiscard]] Clamp clamp_of(Fused fused, const Tensor& output);

/// Softmax of inputs with `scale` that are multiplied by `beta`. Shift -1 when it cannot be
/// computed: a factor below 1 or too large for the kernel.
[[nodiscard]] kernels::SoftmaxS8 softmax_factor(float scale, float beta);

/// zero_point + value / scale, halves away from zero, clamped; NaN gives the zero point.
[[nodiscard]] std::int8_t quantize(float value, float scale, std::int32_t zero_point);

}  // namespace haltere::models::interop
