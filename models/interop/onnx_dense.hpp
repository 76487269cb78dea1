#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "config/result.hpp"
#include "models/interop/chain.hpp"
#include "models/interop/onnx_constants.hpp"

namespace haltere::models::interop {

/// What a Gemm or MatMul takes.
struct OnnxDenseInput {
  std::size_t size = 0;
  std::optional<OnnxScale> scale{};  ///< none: in floats
};

/// A dense operator without its bias, whose weights are the constant `name`, [outputs][inputs] if
/// `transposed`, else [inputs][outputs]; in int8 for an input that has a scale. Errors: invalid.
[[nodiscard]] Result<Op> read_onnx_dense(const OnnxConstants& constants, const std::string& name,
                                         bool transposed, const OnnxDenseInput& input);

/// Gives `op`, made from such an input, the constant `name` as its bias. Errors: invalid.
[[nodiscard]] Status read_onnx_bias(const OnnxConstants& constants, const std::string& name,
                                    const OnnxDenseInput& input, Op& op);

}  // namespace haltere::models::interop
