#include "models/interop/tflite_writer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "models/interop/tflite_source.hpp"

namespace haltere::models::interop {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::size_t data_alignment_bytes = 16;
constexpr std::int32_t keeps_dimensions_version = 5;  // of FULLY_CONNECTED

TfliteOperator code_of(OpKind kind) {
  switch (kind) {
    case OpKind::dense: return TfliteOperator::fully_connected;
    case OpKind::relu: return TfliteOperator::relu;
    case OpKind::relu6: return TfliteOperator::relu6;
    case OpKind::relu_n1_to_1: return TfliteOperator::relu_n1_to_1;
    case OpKind::leaky_relu: return TfliteOperator::leaky_relu;
    case OpKind::tanh: return TfliteOperator::tanh;
    case OpKind::logistic: return TfliteOperator::logistic;
    case OpKind::softmax: return TfliteOperator::softmax;
    case OpKind::quantize: return TfliteOperator::quantize;
    case OpKind::dequantize: return TfliteOperator::dequantize;
  }
  return TfliteOperator::reshape;
}

/// The version in which an operator learned what is asked of it here.
std::int32_t version_of(const Op& op, TensorType input) {
  if (input == TensorType::float32) return 1;
  switch (op.kind) {
    case OpKind::dense: return 4;
    case OpKind::relu:
    case OpKind::relu6:
    case OpKind::leaky_relu:
    case OpKind::tanh:
    case OpKind::logistic:
    case OpKind::softmax:
    case OpKind::quantize:
    case OpKind::dequantize: return 2;
    case OpKind::relu_n1_to_1: break;
  }
  return 1;
}

/// A scale for each row of a dense layer is known to all runtimes only as that of a convolution of
/// one pixel: older interpreters take FULLY_CONNECTED with such scales and compute nonsense.
bool is_convolution(const Op& op) { return op.weight_scales.size() > 1; }

class Writer {
 public:
  std::vector<std::uint8_t> write(const Chain& chain, const ExportNotes& notes);

 private:
  std::uint32_t add_buffer(const void* data, std::size_t size);
  std::int32_t add_tensor(const std::vector<std::int32_t>& shape, TfliteType type,
                          std::uint32_t buffer, const std::string& name,
                          Offset<tflite::Quantization> quantization);
  std::int32_t add_activation(const Tensor& tensor);
  Offset<tflite::Quantization> quantization(const std::vector<float>& scales,
                                            const std::vector<std::int64_t>& zero_points);
  std::vector<std::int32_t> add_constants(const Op& op, const Tensor& input);
  void add_operator(const Op& op, const Tensor& input, std::int32_t from, std::int32_t to);
  std::uint32_t code_index(TfliteOperator code, std::int32_t version);

  FlatBufferBuilder out_;
  bool convolves_ = false;  ///< some weights have a scale for each row
  std::vector<Offset<tflite::Buffer>> buffers_;
  std::vector<Offset<tflite::Tensor>> tensors_;
  std::vector<Offset<tflite::Operator>> operators_;
  std::vector<std::pair<TfliteOperator, std::int32_t>> codes_;
};

std::uint32_t Writer::add_buffer(const void* data, std::size_t size) {
  out_.ForceVectorAlignment(size, 1, data_alignment_bytes);
  const auto bytes = out_.CreateVector(static_cast<const std::uint8_t*>(data), size);
  buffers_.push_back(tflite::CreateBuffer(out_, bytes));
  return static_cast<std::uint32_t>(buffers_.size() - 1);
}

Offset<tflite::Quantization> Writer::quantization(const std::vector<float>& scales,
                                                  const std::vector<std::int64_t>& zero_points) {
  const auto scale = out_.CreateVector(scales);
  const auto zero_point = out_.CreateVector(zero_points);
  return tflite::CreateQuantization(out_, 0, 0, scale, zero_point);
}

std::int32_t Writer::add_tensor(const std::vector<std::int32_t>& shape, TfliteType type,
                                std::uint32_t buffer, const std::string& name,
                                Offset<tflite::Quantization> quantization) {
  const auto dims = out_.CreateVector(shape);
  const auto text = out_.CreateString(name);
  tensors_.push_back(
      tflite::CreateTensor(out_, dims, static_cast<std::int8_t>(type), buffer, text, quantization));
  return static_cast<std::int32_t>(tensors_.size() - 1);
}

std::int32_t Writer::add_activation(const Tensor& tensor) {
  const bool is_float = tensor.type == TensorType::float32;
  const Offset<tflite::Quantization> none;
  const auto size = static_cast<std::int32_t>(tensor.size);
  return add_tensor(convolves_ ? std::vector{1, 1, 1, size} : std::vector{1, size},
                    is_float ? TfliteType::float32 : TfliteType::int8, 0, tensor.name,
                    is_float ? none : quantization({tensor.scale}, {tensor.zero_point}));
}

/// Weights and bias of a dense operator as tensors; returns their numbers.
std::vector<std::int32_t> Writer::add_constants(const Op& op, const Tensor& input) {
  const auto rows = static_cast<std::int32_t>(op.output.size);
  const auto columns = static_cast<std::int32_t>(input.size);
  const std::string name = op.output.name;
  if (!op.weights.empty()) {
    const std::uint32_t weights = add_buffer(op.weights.data(), 4 * op.weights.size());
    const std::uint32_t bias = add_buffer(op.bias.data(), 4 * op.bias.size());
    return {add_tensor({rows, columns}, TfliteType::float32, weights, name + "/weights", 0),
            add_tensor({rows}, TfliteType::float32, bias, name + "/bias", 0)};
  }
  std::vector<float> bias_scales;
  for (const float scale : op.weight_scales) bias_scales.push_back(input.scale * scale);
  const std::vector<std::int64_t> zeros(op.weight_scales.size(), 0);
  const std::uint32_t weights = add_buffer(op.weights_s8.data(), op.weights_s8.size());
  const std::uint32_t bias = add_buffer(op.bias_s32.data(), 4 * op.bias_s32.size());
  const auto of_weights = quantization(op.weight_scales, zeros);
  const auto of_bias = quantization(bias_scales, zeros);
  const auto shape =
      is_convolution(op) ? std::vector{rows, 1, 1, columns} : std::vector{rows, columns};
  return {add_tensor(shape, TfliteType::int8, weights, name + "/weights", of_weights),
          add_tensor({rows}, TfliteType::int32, bias, name + "/bias", of_bias)};
}

std::uint32_t Writer::code_index(TfliteOperator code, std::int32_t version) {
  const std::pair wanted{code, version};
  const auto found = std::ranges::find(codes_, wanted);
  if (found != codes_.end()) return static_cast<std::uint32_t>(found - codes_.begin());
  codes_.push_back(wanted);
  return static_cast<std::uint32_t>(codes_.size() - 1);
}

void Writer::add_operator(const Op& op, const Tensor& input, std::int32_t from, std::int32_t to) {
  std::vector<std::int32_t> inputs{from};
  tflite::Options kind = tflite::Options::NONE;
  Offset<void> options;
  const auto fused = static_cast<std::int8_t>(op.fused);
  TfliteOperator code = code_of(op.kind);
  std::int32_t version = version_of(op, input.type);
  if (op.kind == OpKind::dense) {
    const auto constants = add_constants(op, input);
    inputs.insert(inputs.end(), constants.begin(), constants.end());
    kind = tflite::Options::fully_connected;
    options = tflite::CreateFullyConnectedOptions(out_, fused, 0, convolves_).Union();
    if (convolves_) version = keeps_dimensions_version;
  }
  if (is_convolution(op)) {
    code = TfliteOperator::conv_2d;
    version = 3;
    kind = tflite::Options::conv_2d;
    options = tflite::CreateConv2DOptions(out_, 1, 1, 1, fused).Union();
  } else if (op.kind == OpKind::softmax) {
    kind = tflite::Options::softmax;
    options = tflite::CreateSoftmaxOptions(out_, op.factor).Union();
  } else if (op.kind == OpKind::leaky_relu) {
    kind = tflite::Options::leaky_relu;
    options = tflite::CreateLeakyReluOptions(out_, op.factor).Union();
  }
  const auto takes = out_.CreateVector(inputs);
  const auto gives = out_.CreateVector(std::vector{to});
  operators_.push_back(
      tflite::CreateOperator(out_, code_index(code, version), takes, gives, kind, options));
}

std::vector<std::uint8_t> Writer::write(const Chain& chain, const ExportNotes& notes) {
  convolves_ = std::ranges::any_of(chain.ops, is_convolution);
  buffers_.push_back(tflite::CreateBuffer(out_));  // buffer 0 is empty: the activations'
  const std::int32_t input = add_activation(chain.input);
  std::int32_t now = input;
  const Tensor* tensor = &chain.input;
  for (const Op& op : chain.ops) {
    const std::int32_t next = add_activation(op.output);
    add_operator(op, *tensor, now, next);
    tensor = &op.output;
    now = next;
  }
  const std::uint32_t note = add_buffer(notes.metadata.data(), notes.metadata.size());
  const auto metadata = tflite::CreateMetadata(out_, out_.CreateString("haltere"), note);
  std::vector<Offset<tflite::OperatorCode>> codes;
  for (const auto& [code, version] : codes_)
    codes.push_back(tflite::CreateOperatorCode(out_, static_cast<std::int8_t>(code), 0, version,
                                               static_cast<std::int32_t>(code)));
  const auto graph = tflite::CreateSubGraph(
      out_, out_.CreateVector(tensors_), out_.CreateVector(std::vector{input}),
      out_.CreateVector(std::vector{now}), out_.CreateVector(operators_),
      out_.CreateString("main"));
  const auto model =
      tflite::CreateModel(out_, 3, out_.CreateVector(codes), out_.CreateVector(std::vector{graph}),
                          out_.CreateString(notes.description), out_.CreateVector(buffers_), 0,
                          out_.CreateVector(std::vector{metadata}));
  tflite::FinishModelBuffer(out_, model);
  return {out_.GetBufferPointer(), out_.GetBufferPointer() + out_.GetSize()};
}

}  // namespace

std::vector<std::uint8_t> write_tflite(const Chain& chain, const ExportNotes& notes) {
  return Writer().write(chain, notes);
}

}  // namespace haltere::models::interop
