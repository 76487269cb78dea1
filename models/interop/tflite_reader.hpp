#pragma once

#include <cstdint>
#include <span>

#include "config/result.hpp"
#include "models/interop/chain.hpp"

namespace haltere::models::interop {

/// Largest .tflite file that is looked at.
inline constexpr std::size_t max_tflite_bytes = std::size_t{256} * 1024 * 1024;

/// Reads a .tflite file whose operators form one row: fully connected, RELU, RELU6, TANH, LOGISTIC,
/// SOFTMAX, QUANTIZE, DEQUANTIZE, and RESHAPE, which changes no value and is left out. Errors:
/// corrupt when the container is damaged, invalid when it holds what a bundle cannot; both say
/// where.
[[nodiscard]] Result<Chain> read_tflite(std::span<const std::uint8_t> file);

}  // namespace haltere::models::interop
