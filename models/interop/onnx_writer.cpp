#include "models/interop/onnx_writer.hpp"

#include <cstring>
#include <string>
#include <utility>

#include <onnx.pb.h>

namespace haltere::models::interop {
namespace {

constexpr std::int64_t ir_version = 7;
constexpr std::int64_t operator_set = 13;

enum class ElementType : std::int32_t { float32 = 1, int8 = 3, int32 = 6 };

/// Adds nodes one behind the other.
class Writer {
 public:
  std::vector<std::uint8_t> write(const Chain& chain, const ExportNotes& notes);

 private:
  static void add_end(onnx::ValueInfo& info, const Tensor& tensor, const std::string& name);
  template <typename T>
  std::string add_constant(const std::string& name, const std::vector<T>& values,
                           const std::vector<std::int64_t>& dims);
  std::string add_scalar(const std::string& name, float value);
  /// A node of one output, whose name it returns.
  onnx::Node& add_node(const std::string& type, std::vector<std::string> inputs);
  static void set(onnx::Node& node, const std::string& name, std::int64_t value);
  void add_clip(float low, float high);
  void add_fused(Fused fused);
  void add_dense(const Op& op, const Tensor& input);
  std::string dequantized(const std::string& name, const std::string& values,
                          const std::vector<float>& scales, bool is_weights);
  void add_operator(const Op& op);
  void quantize(const Tensor& tensor);
  void dequantize(const Tensor& tensor);

  onnx::Model model_;
  onnx::Graph& graph_ = *model_.mutable_graph();
  std::string now_;
  int count_ = 0;
};

template <typename T>
constexpr ElementType element_type() {
  if constexpr (std::is_same_v<T, float>) return ElementType::float32;
  if constexpr (std::is_same_v<T, std::int8_t>) return ElementType::int8;
  return ElementType::int32;
}

template <typename T>
std::string Writer::add_constant(const std::string& name, const std::vector<T>& values,
                                 const std::vector<std::int64_t>& dims) {
  onnx::Tensor& tensor = *graph_.add_initializer();
  std::string unique = name + "_" + std::to_string(count_++);
  tensor.set_name(unique);
  tensor.set_data_type(static_cast<std::int32_t>(element_type<T>()));
  for (const std::int64_t dim : dims) tensor.add_dims(dim);
  tensor.set_raw_data(values.data(), values.size() * sizeof(T));
  return unique;
}

std::string Writer::add_scalar(const std::string& name, float value) {
  return add_constant(name, std::vector{value}, {});
}

onnx::Node& Writer::add_node(const std::string& type, std::vector<std::string> inputs) {
  onnx::Node& node = *graph_.add_node();
  node.set_op_type(type);
  for (std::string& input : inputs) node.add_input(std::move(input));
  now_ = "value_" + std::to_string(count_++);
  node.add_output(now_);
  node.set_name(type + "_" + now_);
  return node;
}

void Writer::set(onnx::Node& node, const std::string& name, std::int64_t value) {
  onnx::Attribute& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(2);
  attribute.set_i(value);
}

void Writer::add_clip(float low, float high) {
  const std::string lowest = add_scalar("low", low);
  const std::string highest = add_scalar("high", high);
  add_node("Clip", {now_, lowest, highest});
}

void Writer::add_fused(Fused fused) {
  switch (fused) {
    case Fused::none: break;
    case Fused::relu: add_node("Relu", {now_}); break;
    case Fused::relu_n1_to_1: add_clip(-1.0F, 1.0F); break;
    case Fused::relu6: add_clip(0.0F, 6.0F); break;
  }
}

void Writer::quantize(const Tensor& tensor) {
  const std::string scale = add_scalar("scale", tensor.scale);
  const std::string zero_point =
      add_constant("zero_point", std::vector{static_cast<std::int8_t>(tensor.zero_point)}, {});
  add_node("QuantizeLinear", {now_, scale, zero_point});
}

void Writer::dequantize(const Tensor& tensor) {
  const std::string scale = add_scalar("scale", tensor.scale);
  const std::string zero_point =
      add_constant("zero_point", std::vector{static_cast<std::int8_t>(tensor.zero_point)}, {});
  add_node("DequantizeLinear", {now_, scale, zero_point});
}

/// `values`, a constant with one scale or one for each row, as floats.
std::string Writer::dequantized(const std::string& name, const std::string& values,
                                const std::vector<float>& scales, bool is_weights) {
  const std::string kept = now_;
  const bool one = scales.size() == 1;
  const std::vector<std::int64_t> dims =
      one ? std::vector<std::int64_t>{} : std::vector{static_cast<std::int64_t>(scales.size())};
  const std::string scale = add_constant(name + "_scale", scales, dims);
  const std::string zero_point =
      is_weights
          ? add_constant(name + "_zero_point", std::vector<std::int8_t>(scales.size(), 0), dims)
          : add_constant(name + "_zero_point", std::vector<std::int32_t>(scales.size(), 0), dims);
  onnx::Node& node = add_node("DequantizeLinear", {values, scale, zero_point});
  if (!one) set(node, "axis", 0);
  return std::exchange(now_, kept);
}

void Writer::add_dense(const Op& op, const Tensor& input) {
  const auto rows = static_cast<std::int64_t>(op.output.size);
  const auto columns = static_cast<std::int64_t>(input.size);
  std::string weights;
  std::string bias;
  if (op.weights.empty()) {
    std::vector<float> bias_scales;
    for (const float scale : op.weight_scales) bias_scales.push_back(input.scale * scale);
    weights = dequantized("weights", add_constant("weights", op.weights_s8, {rows, columns}),
                          op.weight_scales, true);
    bias = dequantized("bias", add_constant("bias", op.bias_s32, {rows}), bias_scales, false);
  } else {
    weights = add_constant("weights", op.weights, {rows, columns});
    bias = add_constant("bias", op.bias, {rows});
  }
  set(add_node("Gemm", {now_, weights, bias}), "transB", 1);
  add_fused(op.fused);
}

void Writer::add_operator(const Op& op) {
  switch (op.kind) {
    case OpKind::dense:
    case OpKind::quantize:
    case OpKind::dequantize: break;
    case OpKind::relu: add_node("Relu", {now_}); break;
    case OpKind::relu6: add_clip(0.0F, 6.0F); break;
    case OpKind::relu_n1_to_1: add_clip(-1.0F, 1.0F); break;
    case OpKind::leaky_relu: {
      onnx::Attribute& alpha = *add_node("LeakyRelu", {now_}).add_attribute();
      alpha.set_name("alpha");
      alpha.set_type(1);
      alpha.set_f(op.factor);
      break;
    }
    case OpKind::tanh: add_node("Tanh", {now_}); break;
    case OpKind::logistic: add_node("Sigmoid", {now_}); break;
    case OpKind::softmax: set(add_node("Softmax", {now_}), "axis", 1); break;
  }
}

void Writer::add_end(onnx::ValueInfo& info, const Tensor& tensor, const std::string& name) {
  info.set_name(name);
  onnx::TensorType& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(static_cast<std::int32_t>(
      tensor.type == TensorType::int8 ? ElementType::int8 : ElementType::float32));
  type.mutable_shape()->add_dim()->set_dim_param("rows");
  type.mutable_shape()->add_dim()->set_dim_value(static_cast<std::int64_t>(tensor.size));
}

std::vector<std::uint8_t> Writer::write(const Chain& chain, const ExportNotes& notes) {
  model_.set_ir_version(ir_version);
  model_.set_producer_name("haltere");
  model_.set_doc_string(notes.description);
  model_.add_opset_import()->set_version(operator_set);
  onnx::Property& property = *model_.add_metadata_props();
  property.set_key("haltere");
  property.set_value(notes.metadata);
  graph_.set_name("main");
  now_ = "input";
  add_end(*graph_.add_input(), chain.input, now_);
  Tensor at = chain.input;
  for (const Op& op : chain.ops) {
    // Each int8 operator stands between the two quantizations, in floats.
    if (at.type == TensorType::int8) dequantize(at);
    if (op.kind == OpKind::dense) {
      add_dense(op, at);
    } else {
      add_operator(op);
    }
    if (op.output.type == TensorType::int8) quantize(op.output);
    at = op.output;
  }
  graph_.mutable_node(graph_.node_size() - 1)->set_output(0, "output");
  add_end(*graph_.add_output(), at, "output");
  const std::string bytes = model_.SerializeAsString();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

std::vector<std::uint8_t> write_onnx(const Chain& chain, const ExportNotes& notes) {
  return Writer().write(chain, notes);
}

}  // namespace haltere::models::interop
