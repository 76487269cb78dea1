#include "models/interop/onnx_constants.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "models/kernels/bundle_view.hpp"

namespace haltere::models::interop {
namespace {

constexpr std::int32_t unsigned_offset = 128;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

std::size_t bytes_of(OnnxType type) {
  return type == OnnxType::float32 || type == OnnxType::int32 ? 4 : 1;
}

bool is_known(std::int32_t type) {
  switch (static_cast<OnnxType>(type)) {
    case OnnxType::float32:
    case OnnxType::uint8:
    case OnnxType::int8:
    case OnnxType::int32: return true;
  }
  return false;
}

Status read_shape(const onnx::Tensor& tensor, const std::string& name, OnnxMatrix& matrix) {
  if (tensor.data_location() != 0) return invalid(name + " lies in another file");
  if (tensor.dims_size() > 2) return invalid(name + " has more than two dimensions");
  for (const std::int64_t dim : tensor.dims()) {
    if (dim < 1 || dim > kernels::max_bundle_units)
      return invalid(name + " has a dimension of " + std::to_string(dim));
    matrix.rows = matrix.columns;
    matrix.columns = static_cast<std::size_t>(dim);
  }
  return {};
}

/// The number at `index` of little-endian bytes of `type`, which is not float32.
std::int32_t whole_at(const std::string& bytes, OnnxType type, std::size_t index) {
  if (type == OnnxType::int32) {
    std::int32_t value = 0;
    std::memcpy(&value, bytes.data() + 4 * index, 4);
    return value;
  }
  const auto byte = static_cast<std::uint8_t>(bytes[index]);
  return type == OnnxType::uint8 ? byte : static_cast<std::int8_t>(byte);
}

Status read_whole(const onnx::Tensor& tensor, const std::string& name, OnnxMatrix& matrix) {
  const std::int32_t offset = matrix.type == OnnxType::uint8 ? unsigned_offset : 0;
  for (std::size_t i = 0; i < matrix.rows * matrix.columns; ++i) {
    const std::int32_t value = tensor.int32_data_size() > 0
                                   ? tensor.int32_data(static_cast<int>(i))
                                   : whole_at(tensor.raw_data(), matrix.type, i);
    const bool fits = matrix.type == OnnxType::int32 ||
                      (value - offset >= -unsigned_offset && value - offset < unsigned_offset);
    if (!fits) return invalid(name + " has a value of more than 8 bits");
    matrix.whole.push_back(value - offset);
  }
  return {};
}

Result<OnnxMatrix> matrix_of(const onnx::Tensor& tensor) {
  const std::string name = "constant " + shown(tensor.name());
  if (!is_known(tensor.data_type()))
    return invalid(name + " is not of float32, int8, uint8 or int32");
  OnnxMatrix matrix;
  matrix.type = static_cast<OnnxType>(tensor.data_type());
  if (const Status read = read_shape(tensor, name, matrix); !read) return read.error();
  const bool is_float = matrix.type == OnnxType::float32;
  const std::size_t count = matrix.rows * matrix.columns;
  const int listed = is_float ? tensor.float_data_size() : tensor.int32_data_size();
  if (listed == 0 ? tensor.raw_data().size() != bytes_of(matrix.type) * count
                  : static_cast<std::size_t>(listed) != count)
    return invalid(name + " does not have as many values as its shape says");
  if (!is_float) {
    const Status read = read_whole(tensor, name, matrix);
    return read ? Result<OnnxMatrix>(std::move(matrix)) : read.error();
  }
  matrix.values.resize(count);
  std::memcpy(
      matrix.values.data(),
      listed == 0 ? static_cast<const void*>(tensor.raw_data().data()) : tensor.float_data().data(),
      4 * count);
  return matrix;
}

bool is_scale(float scale) { return std::isnormal(scale) && scale > 0.0F; }

}  // namespace

std::string shown(const std::string& name) {
  std::string text = name.substr(0, 60);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return "'" + text + "'";
}

float onnx_number(const onnx::Node& node, const std::string& name, float otherwise) {
  for (const onnx::Attribute& attribute : node.attribute())
    if (attribute.name() == name)
      return attribute.type() == 1 ? attribute.f() : static_cast<float>(attribute.i());
  return otherwise;
}

OnnxConstants::OnnxConstants(const onnx::Graph& graph) {
  for (const onnx::Tensor& tensor : graph.initializer()) tensors_[tensor.name()] = &tensor;
  for (const onnx::Node& node : graph.node()) {
    const bool shaped = node.input_size() >= 2 && node.output_size() == 1;
    if (shaped && node.op_type() == "DequantizeLinear" && tensors_.contains(node.input(0)))
      scaled_[node.output(0)] = &node;
  }
}

Result<OnnxMatrix> OnnxConstants::matrix(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) return invalid("its input " + shown(name) + " is no constant");
  return matrix_of(*found->second);
}

Result<OnnxMatrix> OnnxConstants::floats(const std::string& name) const {
  Result<OnnxMatrix> found = matrix(name);
  if (found && found->type != OnnxType::float32)
    return invalid("constant " + shown(name) + " is not of float32");
  return found;
}

Result<OnnxScaled> OnnxConstants::scaled(const std::string& name) const {
  const auto found = scaled_.find(name);
  if (found == scaled_.end()) return invalid("its input " + shown(name) + " is not dequantized");
  const onnx::Node& node = *found->second;
  Result<OnnxMatrix> whole = matrix(node.input(0));
  if (!whole) return whole.error();
  if (whole->type == OnnxType::float32)
    return invalid("constant " + shown(node.input(0)) + " is dequantized, but of float32");
  const Result<OnnxMatrix> scales = floats(node.input(1));
  if (!scales) return scales.error();
  OnnxScaled result{.matrix = std::move(whole).value(), .scales = scales->values};
  const float axis = onnx_number(node, "axis", 1.0F);
  // One row of values has one dimension, so that its first is our columns.
  result.axis = axis == 0.0F && result.matrix.rows > 1 ? 0 : 1;
  const std::size_t along = result.axis == 0 ? result.matrix.rows : result.matrix.columns;
  if (scales->rows != 1 || (scales->columns != 1 && scales->columns != along) ||
      !std::ranges::all_of(result.scales, is_scale))
    return invalid("the scales of constant " + shown(node.input(0)) + " do not fit it");
  if (const Status symmetric = check_symmetric(node, result.matrix.type); !symmetric)
    return symmetric.error();
  return result;
}

/// Weights and biases have zero point 0: of uint8 the middle, 128.
Status OnnxConstants::check_symmetric(const onnx::Node& node, OnnxType type) const {
  std::vector<std::int32_t> points{type == OnnxType::uint8 ? -unsigned_offset : 0};
  if (node.input_size() > 2 && !node.input(2).empty()) {
    Result<OnnxMatrix> given = matrix(node.input(2));
    if (!given) return given.error();
    points = std::move(given->whole);
  }
  const bool good =
      !points.empty() && std::ranges::all_of(points, [](std::int32_t point) { return point == 0; });
  if (good) return {};
  return invalid("constant " + shown(node.input(0)) +
                 " is not symmetric: its zero points must be 0, of uint8 128");
}

Result<OnnxScale> OnnxConstants::scale_of(const onnx::Node& node) const {
  if (node.input_size() < 2) return invalid("it lacks a scale");
  const Result<OnnxMatrix> scale = floats(node.input(1));
  if (!scale) return scale.error();
  if (scale->values.size() != 1 || !is_scale(scale->values[0]))
    return invalid("activations with several scales, or none above 0, are not supported");
  // Without a zero point the type is uint8, and the point 0.
  OnnxScale result{.scale = scale->values[0], .zero_point = -unsigned_offset, .is_unsigned = true};
  if (node.input_size() < 3 || node.input(2).empty()) return result;
  const Result<OnnxMatrix> point = matrix(node.input(2));
  if (!point) return point.error();
  if (point->whole.size() != 1 || point->type == OnnxType::int32 || bytes_of(point->type) != 1)
    return invalid("only activations of int8 or uint8 with one zero point are supported");
  result.zero_point = point->whole[0];
  result.is_unsigned = point->type == OnnxType::uint8;
  return result;
}

}  // namespace haltere::models::interop
