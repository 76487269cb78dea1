#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/kernels/recipe.hpp"

namespace haltere::models::interop {

using kernels::TensorType;

/// One tensor between two operators. int8: a value q stands for scale * (q - zero_point).
struct Tensor {
  TensorType type = TensorType::float32;
  std::size_t size = 0;
  float scale = 0.0F;           ///< int8 only
  std::int32_t zero_point = 0;  ///< int8 only, -128..127
  std::string name;             ///< may be empty
};

/// The operators of dense models, with the meaning that TensorFlow Lite gives them.
enum class OpKind : std::uint8_t {
  dense,
  relu,
  relu6,
  relu_n1_to_1,
  leaky_relu,
  tanh,
  logistic,
  softmax,
  quantize,
  dequantize
};

/// What a dense operator limits its results to.
enum class Fused : std::uint8_t { none, relu, relu_n1_to_1, relu6 };

/// One operator: its input is the output of the one before.
struct Op {
  OpKind kind = OpKind::dense;
  Tensor output;
  // dense only; either the float or the int8 arrays are filled, and the bias may be absent
  Fused fused = Fused::none;
  std::vector<float> weights{};           ///< W [outputs][inputs]
  std::vector<float> bias{};              ///< [outputs] or none
  std::vector<std::int8_t> weights_s8{};  ///< W [outputs][inputs]
  std::vector<std::int32_t> bias_s32{};   ///< [outputs] or none
  std::vector<float> weight_scales{};     ///< of weights_s8: [1] or [outputs]
  float factor = 1.0F;                    ///< softmax only: what its inputs are multiplied by
};

/// Most weights that a file may bring in all: a constant may be named more than once.
inline constexpr std::size_t max_weights = std::size_t{32} * 1024 * 1024;

/// A model as interchange formats tell it: operators in a row between one input and one output.
struct Chain {
  Tensor input;
  std::vector<Op> ops;
};

/// Name of `kind` in messages.
[[nodiscard]] std::string to_string(OpKind kind);

}  // namespace haltere::models::interop
