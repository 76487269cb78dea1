#pragma once

#include <cstdint>
#include <span>

#include "config/result.hpp"
#include "models/interop/chain.hpp"

namespace haltere::models::interop {

/// Reads an ONNX file of operators in a row: Gemm, MatMul and Add, Relu, Clip, LeakyRelu, Sigmoid,
/// Tanh, Softmax; Identity, Flatten and Reshape change no value and are left out. Either all are of
/// float32, or each stands between DequantizeLinear and QuantizeLinear (QDQ) of int8 or uint8 with
/// one scale, its weights dequantized from int8 or uint8 with one scale or one for each output.
/// Errors: corrupt when the container is damaged, invalid when it holds anything else; both say
/// where.
[[nodiscard]] Result<Chain> read_onnx(std::span<const std::uint8_t> file);

}  // namespace haltere::models::interop
