#include "models/interop/onnx_reader.hpp"

#include <optional>
#include <string>
#include <utility>

#include <onnx.pb.h>

#include "models/interop/onnx_constants.hpp"
#include "models/interop/onnx_dense.hpp"
#include "models/interop/onnx_fold.hpp"
#include "models/kernels/bundle_view.hpp"

namespace haltere::models::interop {
namespace {

constexpr int max_nodes = 256;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

class Walk {
 public:
  explicit Walk(const onnx::Graph& graph) : graph_(graph), constants_(graph) {}
  Result<Chain> run();

 private:
  Status read_input();
  Status read_width(const onnx::TensorType& type);
  Status step(const onnx::Node& node);
  Status add_operator(const onnx::Node& node);
  Status add_gemm(const onnx::Node& node);
  Status add_dense(const onnx::Node& node, bool transposed);
  Status add_bias(const onnx::Node& node);
  Status add_clip(const onnx::Node& node);
  Status add_leaky_relu(const onnx::Node& node);
  Status add_activation(const onnx::Node& node, OpKind kind);
  Status add_end(const onnx::Node& node, OpKind kind);

  const onnx::Graph& graph_;
  OnnxConstants constants_;
  std::string now_;
  std::optional<OnnxScale> scale_;  ///< of what was dequantized last and not computed with since
  OnnxDenseInput dense_input_;      ///< of the last dense operator
  Chain chain_;
  bool ends_unsigned_ = false;  ///< as of now the output is of uint8
  std::size_t width_ = 0;
  std::size_t weights_ = 0;
};

Status Walk::add_dense(const onnx::Node& node, bool transposed) {
  if (node.input_size() < 2) return invalid("it lacks an input");
  dense_input_ = {width_, scale_};
  Result<Op> op = read_onnx_dense(constants_, node.input(1), transposed, dense_input_);
  if (!op) return op.error();
  weights_ += op->weights.size() + op->weights_s8.size();
  if (weights_ > max_weights) return invalid("it comes after too many weights");
  width_ = op->output.size;
  chain_.ops.push_back(std::move(op).value());
  return {};
}

Status Walk::add_bias(const onnx::Node& node) {
  const int at = node.op_type() == "Gemm" ? 2 : node.input(0) == now_ ? 1 : 0;
  if (node.input_size() <= at) return invalid("it lacks an input");
  if (chain_.ops.empty() || chain_.ops.back().kind != OpKind::dense ||
      !chain_.ops.back().bias.empty() || !chain_.ops.back().bias_s32.empty())
    return invalid("Add is supported behind MatMul only, with nothing in between");
  return read_onnx_bias(constants_, node.input(at), dense_input_, chain_.ops.back());
}

Status Walk::add_clip(const onnx::Node& node) {
  float low = onnx_number(node, "min", 0.0F);
  float high = onnx_number(node, "max", 0.0F);
  if (node.input_size() == 3) {
    const Result<OnnxMatrix> lowest = constants_.floats(node.input(1));
    const Result<OnnxMatrix> highest = constants_.floats(node.input(2));
    if (!lowest || !highest) return invalid("its limits are no constants of float32");
    low = lowest->values.front();
    high = highest->values.front();
  }
  if (low == 0.0F && high == 6.0F) return add_activation(node, OpKind::relu6);
  if (low == -1.0F && high == 1.0F) return add_activation(node, OpKind::relu_n1_to_1);
  return invalid("Clip is supported to 0..6 and to -1..1");
}

Status Walk::add_leaky_relu(const onnx::Node& node) {
  const Status added = add_activation(node, OpKind::leaky_relu);
  chain_.ops.back().factor = onnx_number(node, "alpha", 0.01F);
  return added;
}

/// QuantizeLinear or DequantizeLinear of what is computed.
Status Walk::add_end(const onnx::Node& node, OpKind kind) {
  const Result<OnnxScale> scale = constants_.scale_of(node);
  if (!scale) return scale.error();
  const bool is_dequantize = kind == OpKind::dequantize;
  Op op;
  op.kind = kind;
  op.output = {is_dequantize ? TensorType::float32 : TensorType::int8, width_, scale->scale,
               scale->zero_point, ""};
  const bool is_first = chain_.ops.empty();
  if (is_first && is_dequantize != (chain_.input.type == TensorType::int8))
    return invalid("it does not fit the model's input");
  if (is_first && is_dequantize) {
    chain_.input.scale = scale->scale;
    chain_.input.zero_point = scale->zero_point;
  }
  if (is_dequantize) scale_ = *scale;
  ends_unsigned_ = !is_dequantize && scale->is_unsigned;
  chain_.ops.push_back(std::move(op));
  return {};
}

Status Walk::add_activation(const onnx::Node& node, OpKind kind) {
  if (kind == OpKind::softmax) {
    const float axis = onnx_number(node, "axis", -1.0F);
    if (axis != -1.0F && axis != 1.0F) return invalid("Softmax along another axis than the last");
  }
  Op op;
  op.kind = kind;
  op.output.size = width_;
  chain_.ops.push_back(std::move(op));
  return {};
}

Status Walk::add_gemm(const onnx::Node& node) {
  if (onnx_number(node, "alpha", 1.0F) != 1.0F || onnx_number(node, "beta", 1.0F) != 1.0F ||
      onnx_number(node, "transA", 0.0F) != 0.0F)
    return invalid("Gemm with alpha, beta or transA is not supported");
  const Status dense = add_dense(node, onnx_number(node, "transB", 0.0F) != 0.0F);
  const bool has_bias = node.input_size() == 3 && !node.input(2).empty();
  return dense && has_bias ? add_bias(node) : dense;
}

Status Walk::add_operator(const onnx::Node& node) {
  const std::string& type = node.op_type();
  if (type == "Gemm") return add_gemm(node);
  if (type == "MatMul") return add_dense(node, false);
  if (type == "Add") return add_bias(node);
  if (type == "Relu") return add_activation(node, OpKind::relu);
  if (type == "Clip") return add_clip(node);
  if (type == "LeakyRelu") return add_leaky_relu(node);
  if (type == "Sigmoid") return add_activation(node, OpKind::logistic);
  if (type == "Tanh") return add_activation(node, OpKind::tanh);
  if (type == "Softmax") return add_activation(node, OpKind::softmax);
  if (type == "QuantizeLinear") return add_end(node, OpKind::quantize);
  if (type == "DequantizeLinear") return add_end(node, OpKind::dequantize);
  return invalid(
      "supported are Gemm, MatMul, Add, Relu, Clip, LeakyRelu, Sigmoid, Tanh, Softmax, "
      "QuantizeLinear, DequantizeLinear, Identity, Flatten and Reshape");
}

Status Walk::step(const onnx::Node& node) {
  const std::string& type = node.op_type();
  if (!node.domain().empty() || node.input_size() == 0 || node.output_size() != 1)
    return invalid("it is of another domain, or does not have inputs and one output");
  const bool second = type == "Add" && node.input_size() == 2 && node.input(1) == now_;
  if (node.input(0) != now_ && !second)
    return invalid("it takes " + shown(node.input(0)) + ", but the one before gives " +
                   shown(now_) + "; only operators in a row are supported");
  if (type != "Identity" && type != "Flatten" && type != "Reshape") {
    if (const Status done = add_operator(node); !done) return done;
    if (type != "DequantizeLinear") scale_.reset();
  }
  now_ = node.output(0);
  return {};
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
  const auto element = static_cast<OnnxType>(type.elem_type());
  if (element != OnnxType::float32 && element != OnnxType::int8)
    return invalid("its input is not of float32 or int8");
  if (element == OnnxType::int8) chain_.input.type = TensorType::int8;
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
  if (auto read = read_input(); !read) return read.error();
  if (graph_.node_size() == 0 || graph_.node_size() > max_nodes)
    return invalid("it has " + std::to_string(graph_.node_size()) + " operators; 1 to " +
                   std::to_string(max_nodes) + " are supported");
  for (int i = 0; i < graph_.node_size(); ++i) {
    if (constants_.is_dequantizer(graph_.node(i))) continue;
    if (auto stepped = step(graph_.node(i)); !stepped)
      return invalid("operator " + std::to_string(i) + " (" + shown(graph_.node(i).op_type()) +
                     "): " + stepped.error().message);
  }
  if (graph_.output_size() != 1 || graph_.output(0).name() != now_)
    return invalid("its output is not what the last operator gives");
  if (chain_.ops.empty()) return invalid("it computes nothing");
  if (ends_unsigned_) return invalid("its output is of uint8; float32 and int8 are supported");
  return fold_quantization(std::move(chain_));
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
