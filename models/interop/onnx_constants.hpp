#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <onnx.pb.h>

#include "config/result.hpp"

namespace haltere::models::interop {

// Codes of the container.
enum class OnnxType : std::int32_t { float32 = 1, uint8 = 2, int8 = 3, int32 = 6 };

/// Names come from outside; in messages they are short and printable.
[[nodiscard]] std::string shown(const std::string& name);

/// A constant of at most two dimensions, [rows][columns]; of fewer the first are 1. Whole numbers
/// of at most 32 bits stand in `whole`, uint8 less 128, as int8; others in `values`.
struct OnnxMatrix {
  std::size_t rows = 1;
  std::size_t columns = 1;
  OnnxType type = OnnxType::float32;
  std::vector<float> values;
  std::vector<std::int32_t> whole;
};

/// A constant that is stored as whole numbers q, each of which stands for scale * q.
struct OnnxScaled {
  OnnxMatrix matrix;
  std::vector<float> scales;  ///< one, or one for each index along `axis`
  std::size_t axis = 0;       ///< 0 rows, 1 columns
};

/// How a DequantizeLinear or QuantizeLinear maps a tensor that has one scale.
struct OnnxScale {
  float scale = 1.0F;
  std::int32_t zero_point = 0;  ///< as of int8
  bool is_unsigned = false;
};

/// The constants of a graph: looks one up and checks all of it that matters before it is used.
/// Errors of all: invalid, naming the constant.
class OnnxConstants {
 public:
  explicit OnnxConstants(const onnx::Graph& graph);

  /// Whether `name` is a constant, as it is or behind a DequantizeLinear.
  [[nodiscard]] bool contains(const std::string& name) const {
    return tensors_.contains(name) || scaled_.contains(name);
  }

  /// Whether `node` only dequantizes a constant.
  [[nodiscard]] bool is_dequantizer(const onnx::Node& node) const {
    return node.output_size() == 1 && scaled_.contains(node.output(0));
  }

  [[nodiscard]] bool is_scaled(const std::string& name) const { return scaled_.contains(name); }

  [[nodiscard]] Result<OnnxMatrix> matrix(const std::string& name) const;
  [[nodiscard]] Result<OnnxMatrix> floats(const std::string& name) const;
  [[nodiscard]] Result<OnnxScaled> scaled(const std::string& name) const;

  /// Of a node on the way from input to output. Errors: also more than one scale.
  [[nodiscard]] Result<OnnxScale> scale_of(const onnx::Node& node) const;

 private:
  [[nodiscard]] Status check_symmetric(const onnx::Node& node, OnnxType type) const;

  std::map<std::string, const onnx::Tensor*> tensors_;
  std::map<std::string, const onnx::Node*> scaled_;  ///< by the name of what the node gives
};

/// A number among the attributes of `node`.
[[nodiscard]] float onnx_number(const onnx::Node& node, const std::string& name, float otherwise);

}  // namespace haltere::models::interop
