#pragma once

#include <cstdint>
#include <span>

#include "config/result.hpp"
#include "models/interop/chain.hpp"

namespace haltere::models::interop {

/// Reads an ONNX file of float32 operators in a row: Gemm, MatMul and Add, Relu, Sigmoid, Tanh,
/// Softmax; Identity, Flatten and Reshape change no value and are left out. Errors: corrupt when
/// the container is damaged, invalid when it holds anything else; both say where.
[[nodiscard]] Result<Chain> read_onnx(std::span<const std::uint8_t> file);

}  // namespace haltere::models::interop
