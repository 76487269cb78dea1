#pragma once

#include "config/result.hpp"
#include "models/interop/chain.hpp"

namespace haltere::models::interop {

/// A chain whose operators compute in floats between `dequantize` and `quantize`, as ONNX tells
/// int8 models (QDQ), as one of int8 operators. There a dequantize's output has the scale and zero
/// point of its input. A chain without any comes back as it is. Errors: invalid, naming the
/// operator that is quantized on one side only.
[[nodiscard]] Result<Chain> fold_quantization(Chain chain);

}  // namespace haltere::models::interop
