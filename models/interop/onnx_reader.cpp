#include "models/interop/onnx_reader.hpp"

#include <cmath>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include <onnx.pb.h>

#include "models/kernels/bundle_view.hpp"

namespace haltere::models::interop {
namespace {

constexpr int max_nodes = 256;
constexpr std::int32_t float32 = 1;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

/// Names come from outside; in messages they are short and printable.
std::string shown(const std::string& name) {
  std::string text = name.substr(0, 60);
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return "'" + text + "'";
}

struct Matrix {
  std::size_t rows = 1;
  std::size_t columns = 1;
  std::vector<float> values;
};

/// A float constant of at most two dimensions.
Result<Matrix> matrix_of(const onnx::Tensor& tensor) {
  const std::string name = "constant " + shown(tensor.name());
  if (tensor.data_type() != float32) return invalid(name + " is not of float32");
  if (tensor.data_location() != 0) return invalid(name + " lies in another file");
  if (tensor.dims_size() > 2) return invalid(name + " has more than two dimensions");
  Matrix matrix;
  for (const std::int64_t dim : tensor.dims()) {
    if (dim < 1 || dim > kernels::max_bundle_units)
      return invalid(name + " has a dimension of " + std::to_string(dim));
    matrix.rows = matrix.columns;
    matrix.columns = static_cast<std::size_t>(dim);
  }
  const std::size_t count = matrix.rows * matrix.columns;
  matrix.values.resize(count);
  const bool raw = tensor.float_data_size() == 0;
  if (raw ? tensor.raw_data().size() != 4 * count
          : static_cast<std::size_t>(tensor.float_data_size()) != count)
    return invalid(name + " does not have as many values as its shape says");
  std::memcpy(matrix.values.data(),
              raw ? static_cast<const void*>(tensor.raw_data().data()) : tensor.float_data().data(),
              4 * count);
  return matrix;
}

float number(const onnx::Node& node, const std::string& name, float otherwise) {
  for (const onnx::Attribute& attribute : node.attribute())
    if (attribute.name() == name)
      return attribute.type() == 1 ? attribute.f() : static_cast<float>(attribute.i());
  return otherwise;
}

class Walk {
 public:
  explicit Walk(const onnx::Graph& graph) : graph_(graph) {}
  Result<Chain> run();

 private:
  Status read_input();
  Status read_width(const onnx::TensorType& type);
  Status step(const onnx::Node& node);
  Status add_operator(const onnx::Node& node);
  Status add_gemm(const onnx::Node& node);
  Status add_dense(const onnx::Node& node, bool transposed);
  Status add_bias(const onnx::Node& node);
  Status add_activation(const onnx::Node& node, OpKind kind);
  Result<Matrix> constant(const onnx::Node& node, int input) const;

  const onnx::Graph& graph_;
  std::map<std::string, const onnx::Tensor*> constants_;
  std::string now_;
  Chain chain_;
  std::size_t width_ = 0;
  std::size_t weights_ = 0;
};

Result<Matrix> Walk::constant(const onnx::Node& node, int input) const {
  if (node.input_size() <= input) return invalid("it lacks an input");
  const auto found = constants_.find(node.input(input));
  if (found == constants_.end())
    return invalid("its input " + shown(node.input(input)) + " is no constant");
  return matrix_of(*found->second);
}

/// W [outputs][inputs] of a constant that may lie the other way round.
Status Walk::add_dense(const onnx::Node& node, bool transposed) {
  auto matrix = constant(node, 1);
  if (!matrix) return matrix.error();
  Op op;
  const std::size_t inputs = transposed ? matrix->columns : matrix->rows;
  op.output.size = transposed ? matrix->rows : matrix->columns;
  if (inputs != width_)
    return invalid("it has weights for " + std::to_string(inputs) + " inputs, but gets " +
                   std::to_string(width_));
  weights_ += matrix->values.size();
  if (weights_ > max_weights) return invalid("it comes after too many weights");
  op.weights = matrix->values;
  for (std::size_t o = 0; o < op.output.size && !transposed; ++o)
    for (std::size_t i = 0; i < inputs; ++i)
      op.weights[o * inputs + i] = matrix->values[i * op.output.size + o];
  width_ = op.output.size;
  chain_.ops.push_back(std::move(op));
  return {};
}

Status Walk::add_bias(const onnx::Node& node) {
  const int other = node.input(0) == now_ ? 1 : 0;
  const auto matrix = constant(node, node.op_type() == "Gemm" ? 2 : other);
  if (!matrix) return matrix.error();
  if (chain_.ops.empty() || chain_.ops.back().kind != OpKind::dense ||
      !chain_.ops.back().bias.empty())
    return invalid("Add is supported behind MatMul only");
  if (matrix->rows != 1 || (matrix->columns != width_ && matrix->columns != 1))
    return invalid("its bias does not fit its outputs");
  chain_.ops.back().bias = matrix->values;
  chain_.ops.back().bias.resize(width_, matrix->values.front());
  return {};
}

Status Walk::add_activation(const onnx::Node& node, OpKind kind) {
  if (kind == OpKind::softmax) {
    const float axis = number(node, "axis", -1.0F);
    if (axis != -1.0F && axis != 1.0F) return invalid("Softmax along another axis than the last");
  }
  Op op;
  op.kind = kind;
  op.output.size = width_;
  chain_.ops.push_back(std::move(op));
  return {};
}

Status Walk::add_gemm(const onnx::Node& node) {
  if (number(node, "alpha", 1.0F) != 1.0F || number(node, "beta", 1.0F) != 1.0F ||
      number(node, "transA", 0.0F) != 0.0F)
    return invalid("Gemm with alpha, beta or transA is not supported");
  const Status dense = add_dense(node, number(node, "transB", 0.0F) != 0.0F);
  const bool has_bias = node.input_size() == 3 && !node.input(2).empty();
  return dense && has_bias ? add_bias(node) : dense;
}

Status Walk::add_operator(const onnx::Node& node) {
  const std::string& type = node.op_type();
  if (type == "Gemm") return add_gemm(node);
  if (type == "MatMul") return add_dense(node, false);
  if (type == "Add") return add_bias(node);
  if (type == "Relu") return add_activation(node, OpKind::relu);
  if (type == "Sigmoid") return add_activation(node, OpKind::logistic);
  if (type == "Tanh") return add_activation(node, OpKind::tanh);
  if (type == "Softmax") return add_activation(node, OpKind::softmax);
  if (type == "Identity" || type == "Flatten" || type == "Reshape") return {};
  return invalid(
      "supported are Gemm, MatMul, Add, Relu, Sigmoid, Tanh, Softmax, Identity, "
      "Flatten and Reshape");
}

Status Walk::step(const onnx::Node& node) {
  const std::string& type = node.op_type();
  if (!node.domain().empty() || node.input_size() == 0 || node.output_size() != 1)
    return invalid("it is of another domain, or does not have inputs and one output");
  const bool second = type == "Add" && node.input_size() == 2 && node.input(1) == now_;
  if (node.input(0) != now_ && !second)
    return invalid("it takes " + shown(node.input(0)) + ", but the one before gives " +
                   shown(now_) + "; only operators in a row are supported");
  Status done = add_operator(node);
  now_ = node.output(0);
  return done;
}

/// The one input that is no constant; all but its first dimension are one row.
Status Walk::read_input() {
  const onnx::ValueInfo* input = nullptr;
  for (const onnx::ValueInfo& info : graph_.input()) {
    if (constants_.contains(info.name())) continue;
    if (input != nullptr) return invalid("it has more than one input");
    input = &info;
  }
  if (input == nullptr) return invalid("it has no input");
  now_ = input->name();
  return read_width(input->type().tensor_type());
}

Status Walk::read_width(const onnx::TensorType& type) {
  if (type.elem_type() != float32) return invalid("its input is not of float32");
  width_ = 1;
  for (int i = type.shape().dim_size() > 1 ? 1 : 0; i < type.shape().dim_size(); ++i) {
    const std::int64_t dim = type.shape().dim(i).dim_value();
    if (dim < 1 || dim > kernels::max_bundle_units)
      return invalid("its input has a dimension of " + std::to_string(dim));
    width_ *= static_cast<std::size_t>(dim);
    if (width_ > kernels::max_bundle_units) return invalid("its input is too large");
  }
  chain_.input.size = width_;
  return {};
}

Result<Chain> Walk::run() {
  for (const onnx::Tensor& tensor : graph_.initializer()) constants_[tensor.name()] = &tensor;
  if (auto read = read_input(); !read) return read.error();
  if (graph_.node_size() == 0 || graph_.node_size() > max_nodes)
    return invalid("it has " + std::to_string(graph_.node_size()) + " operators; 1 to " +
                   std::to_string(max_nodes) + " are supported");
  for (int i = 0; i < graph_.node_size(); ++i) {
    if (auto stepped = step(graph_.node(i)); !stepped)
      return invalid("operator " + std::to_string(i) + " (" + shown(graph_.node(i).op_type()) +
                     "): " + stepped.error().message);
  }
  if (graph_.output_size() != 1 || graph_.output(0).name() != now_)
    return invalid("its output is not what the last operator gives");
  if (chain_.ops.empty()) return invalid("it computes nothing");
  return std::move(chain_);
}

}  // namespace

Result<Chain> read_onnx(std::span<const std::uint8_t> file) {
  onnx::Model model;
  if (file.size() > std::size_t{1} << 30 ||
      !model.ParseFromArray(file.data(), static_cast<int>(file.size())) || !model.has_graph())
    return Error{ErrorKind::corrupt, "it is no ONNX file, or it is damaged or cut off"};
  return Walk(model.graph()).run();
}

}  // namespace haltere::models::interop
