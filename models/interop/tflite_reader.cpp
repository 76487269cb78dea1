#include "models/interop/tflite_reader.hpp"

#include <optional>
#include <set>
#include <utility>

#include "models/interop/tflite_source.hpp"

namespace haltere::models::interop {
namespace {

constexpr std::size_t max_operators = 256;
constexpr std::uint32_t schema_version = 3;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }
Error corrupt(std::string message) { return {ErrorKind::corrupt, std::move(message)}; }

/// Walks the operators of one subgraph from its input to its output.
class Walk {
 public:
  Walk(const tflite::Model& model, const tflite::SubGraph& graph)
      : model_(model), graph_(graph), tensors_(model, graph) {}

  Result<Chain> run();

 private:
  Status step(std::uint32_t number);
  Status read_operator(const tflite::Operator& source, TfliteOperator code, Op& op);
  Status read_dense(const tflite::Operator& source, TfliteOperator code, Op& op);
  Result<TfliteOperator> code_of(const tflite::Operator& source) const;

  const tflite::Model& model_;
  const tflite::SubGraph& graph_;
  TfliteTensors tensors_;
  Chain chain_;
  Tensor now_;
  std::int32_t at_ = 0;
  std::size_t weights_ = 0;
  std::set<std::int32_t> seen_;
};

template <typename Vector>
std::size_t size_of(const Vector* vector) {
  return vector == nullptr ? 0 : vector->size();
}

std::string number_name(std::uint32_t number) { return "operator " + std::to_string(number); }

/// The operators that bring nothing but their output.
std::optional<OpKind> kind_of(TfliteOperator code) {
  switch (code) {
    case TfliteOperator::dequantize: return OpKind::dequantize;
    case TfliteOperator::conv_2d:
    case TfliteOperator::fully_connected: return OpKind::dense;
    case TfliteOperator::logistic: return OpKind::logistic;
    case TfliteOperator::relu: return OpKind::relu;
    case TfliteOperator::relu_n1_to_1: return OpKind::relu_n1_to_1;
    case TfliteOperator::relu6: return OpKind::relu6;
    case TfliteOperator::softmax: return OpKind::softmax;
    case TfliteOperator::tanh: return OpKind::tanh;
    case TfliteOperator::leaky_relu: return OpKind::leaky_relu;
    case TfliteOperator::quantize: return OpKind::quantize;
    case TfliteOperator::reshape: break;
  }
  return std::nullopt;
}

/// Numeric types before and after each kind of operator.
Status check_types(const Op& op, const Tensor& input) {
  const bool from_float = input.type == TensorType::float32;
  const bool to_float = op.output.type == TensorType::float32;
  const bool good = op.kind == OpKind::quantize     ? !to_float
                    : op.kind == OpKind::dequantize ? !from_float && to_float
                                                    : from_float == to_float;
  if (!good) return invalid(to_string(op.kind) + " from or to a type that it cannot have");
  if (op.kind != OpKind::dense && op.output.size != input.size)
    return invalid(to_string(op.kind) + " of " + std::to_string(input.size) + " values gives " +
                   std::to_string(op.output.size));
  return {};
}

Result<TfliteOperator> Walk::code_of(const tflite::Operator& source) const {
  const std::uint32_t index = source.opcode_index();
  if (index >= size_of(model_.operator_codes()))
    return invalid("names operator code " + std::to_string(index) + " of " +
                   std::to_string(size_of(model_.operator_codes())));
  const tflite::OperatorCode& entry = *model_.operator_codes()->Get(index);
  // Files from before codes above 127 existed have only the small one.
  const std::int32_t code =
      std::max<std::int32_t>(entry.small_builtin_code(), entry.builtin_code());
  const auto known = static_cast<TfliteOperator>(code);
  if (known == TfliteOperator::reshape || kind_of(known)) return known;
  return invalid("has code " + std::to_string(code) +
                 "; supported are FULLY_CONNECTED, CONV_2D of one pixel, RELU, RELU6, "
                 "RELU_N1_TO_1, LEAKY_RELU, TANH, "
                 "LOGISTIC, SOFTMAX, QUANTIZE, DEQUANTIZE and RESHAPE");
}

Status set_fused(std::int8_t fused, Op& op) {
  if (fused < 0 || fused > 3)
    return invalid("fused activation " + std::to_string(fused) +
                   "; supported are RELU, RELU_N1_TO_1 and RELU6");
  op.fused = static_cast<Fused>(fused);
  return {};
}

Status read_dense_options(const tflite::Operator& source, Op& op) {
  if (source.options_type() == tflite::Options::NONE) return {};
  if (const tflite::Conv2DOptions* options = source.options_as_conv_2d())
    return set_fused(options->fused_activation(), op);
  const tflite::FullyConnectedOptions* options = source.options_as_fully_connected();
  if (options == nullptr) return invalid("FULLY_CONNECTED with the options of another operator");
  if (options->weights_format() != 0) return invalid("FULLY_CONNECTED with shuffled weights");
  return set_fused(options->fused_activation(), op);
}

/// CONV_2D of one pixel is a dense layer, but its scales are multiplied as if there were several.
Status adapt_convolution(std::size_t rows, Op& op) {
  if (rows == 1 && !op.weights_s8.empty())
    return invalid("CONV_2D with a single output is not supported");
  if (op.weight_scales.size() == 1) op.weight_scales.resize(rows, op.weight_scales.front());
  return {};
}

Status Walk::read_dense(const tflite::Operator& source, TfliteOperator code, Op& op) {
  const std::size_t inputs = size_of(source.inputs());
  if (inputs != 2 && inputs != 3)
    return invalid("FULLY_CONNECTED with " + std::to_string(inputs) + " inputs");
  if (auto read = read_dense_options(source, op); !read) return read;
  if (auto read = tensors_.read_weights(source.inputs()->Get(1), now_, op); !read) return read;
  const std::size_t count = op.weights.size() + op.weights_s8.size();
  weights_ += count;
  if (weights_ > max_weights) return invalid("FULLY_CONNECTED after too many weights");
  const std::size_t rows = count / now_.size;
  if (op.output.size != rows)
    return invalid("FULLY_CONNECTED with " + std::to_string(rows) + " rows gives " +
                   std::to_string(op.output.size) + " values");
  if (code == TfliteOperator::conv_2d) {
    if (auto adapted = adapt_convolution(rows, op); !adapted) return adapted;
  }
  return tensors_.read_bias(inputs == 3 ? source.inputs()->Get(2) : -1, rows, op);
}

Status Walk::read_operator(const tflite::Operator& source, TfliteOperator code, Op& op) {
  if (op.kind == OpKind::dense) return read_dense(source, code, op);
  if (size_of(source.inputs()) != 1)
    return invalid(to_string(op.kind) + " with " + std::to_string(size_of(source.inputs())) +
                   " inputs");
  if (code == TfliteOperator::softmax) {
    const tflite::SoftmaxOptions* options = source.options_as_softmax();
    if (options == nullptr) return invalid("SOFTMAX without its options");
    op.factor = options->beta();
  }
  if (code == TfliteOperator::leaky_relu) {
    const tflite::LeakyReluOptions* options = source.options_as_leaky_relu();
    if (options == nullptr) return invalid("LEAKY_RELU without its options");
    op.factor = options->alpha();
  }
  return {};
}

Status Walk::step(std::uint32_t number) {
  const tflite::Operator& source = *graph_.operators()->Get(number);
  const auto code = code_of(source);
  if (!code) return code.error();
  if (size_of(source.inputs()) == 0 || size_of(source.outputs()) != 1)
    return invalid("does not have inputs and one output");
  if (source.inputs()->Get(0) != at_)
    return invalid("takes tensor " + std::to_string(source.inputs()->Get(0)) +
                   ", but the one before gives tensor " + std::to_string(at_) +
                   "; only operators in a row are supported");
  at_ = source.outputs()->Get(0);
  if (!seen_.insert(at_).second) return invalid("gives a tensor that was there before");
  const auto output = tensors_.activation(at_);
  if (!output) return output.error();
  if (*code == TfliteOperator::reshape) {
    if (output->size != now_.size || output->type != now_.type)
      return invalid("RESHAPE of " + std::to_string(now_.size) + " values gives others");
    return {};
  }
  Op op;
  op.kind = *kind_of(*code);
  op.output = *output;
  if (auto checked = check_types(op, now_); !checked) return checked;
  if (auto read = read_operator(source, *code, op); !read) return read;
  now_ = op.output;
  chain_.ops.push_back(std::move(op));
  return {};
}

Result<Chain> Walk::run() {
  if (size_of(graph_.inputs()) != 1 || size_of(graph_.outputs()) != 1)
    return invalid("it has " + std::to_string(size_of(graph_.inputs())) + " inputs and " +
                   std::to_string(size_of(graph_.outputs())) +
                   " outputs; one of each is supported");
  at_ = graph_.inputs()->Get(0);
  seen_.insert(at_);
  const auto input = tensors_.activation(at_);
  if (!input) return input.error();
  chain_.input = now_ = *input;
  const std::size_t operators = size_of(graph_.operators());
  if (operators == 0 || operators > max_operators)
    return invalid("it has " + std::to_string(operators) + " operators; 1 to " +
                   std::to_string(max_operators) + " are supported");
  for (std::uint32_t i = 0; i < operators; ++i) {
    if (auto stepped = step(i); !stepped)
      return Error{stepped.error().kind, number_name(i) + ": " + stepped.error().message};
  }
  if (graph_.outputs()->Get(0) != at_)
    return invalid("its output is tensor " + std::to_string(graph_.outputs()->Get(0)) +
                   ", but the last operator gives tensor " + std::to_string(at_));
  if (auto checked = tensors_.check_overlaps(); !checked) return checked.error();
  return std::move(chain_);
}

}  // namespace

Result<Chain> read_tflite(std::span<const std::uint8_t> file) {
  if (file.size() < 8 || file.size() > max_tflite_bytes)
    return corrupt("it has " + std::to_string(file.size()) + " bytes, which no .tflite file has");
  // The container wants its bytes aligned; a vector's are.
  const std::vector<std::uint8_t> bytes(file.begin(), file.end());
  if (!tflite::ModelBufferHasIdentifier(bytes.data()))
    return corrupt("it does not say TFL3 at byte 4");
  flatbuffers::Verifier verifier(bytes.data(), bytes.size());
  if (!tflite::VerifyModelBuffer(verifier))
    return corrupt("its tables point outside the file or at each other: it is damaged or cut off");
  const tflite::Model& model = *tflite::GetModel(bytes.data());
  if (model.version() != schema_version)
    return invalid("it is of schema version " + std::to_string(model.version()) + ", not 3");
  if (size_of(model.subgraphs()) != 1)
    return invalid("it has " + std::to_string(size_of(model.subgraphs())) +
                   " subgraphs; one is supported");
  return Walk(model, *model.subgraphs()->Get(0)).run();
}

}  // namespace haltere::models::interop
