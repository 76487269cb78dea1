#pragma once

#include <array>
#include <cstdint>

// The int8 activations that run as tables, in the fixed-point steps of TensorFlow Lite Micro's
// reference kernels: entry q + 128 is the result for q.
namespace haltere::models {

using ActivationTable = std::array<std::int8_t, 256>;

/// tanh of every int8 value of a tensor with this quantization; results have scale 1/128, zero
/// point 0.
[[nodiscard]] ActivationTable tanh_table(float scale, std::int32_t zero_point);

/// The logistic function likewise; results have scale 1/256, zero point -128.
[[nodiscard]] ActivationTable logistic_table(float scale, std::int32_t zero_point);

/// Leaky relu with slope `alpha` below 0, 0..1; results have the quantization of the inputs.
[[nodiscard]] ActivationTable leaky_relu_table(float scale, std::int32_t zero_point, float alpha);

/// exp(x) for x <= 0: 31 - integer_bits fraction bits in, Q0.31 out. integer_bits 4 or 5.
[[nodiscard]] std::int32_t exp_of_negative(std::int32_t x, int integer_bits);

}  // namespace haltere::models
