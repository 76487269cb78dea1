#pragma once

#include <cstdint>
#include <vector>

#include "models/interop/chain.hpp"
#include "models/interop/tflite_writer.hpp"

namespace haltere::models::interop {

/// `chain` as an ONNX file, operator set 13. Float operators as Gemm, Relu, Clip, Sigmoid, Tanh and
/// Softmax; int8 ones between QuantizeLinear and DequantizeLinear, which runtimes compute in floats
/// of their own order: results may differ by a step from the bundle's.
[[nodiscard]] std::vector<std::uint8_t> write_onnx(const Chain& chain, const ExportNotes& notes);

}  // namespace haltere::models::interop
