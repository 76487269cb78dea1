#include "models/interop/float_chain.hpp"

#include <limits>
#include <utility>

#include "models/interop/onnx_reader.hpp"
#include "models/interop/tflite_reader.hpp"

namespace haltere::models::interop {
namespace {

constexpr float largest = std::numeric_limits<float>::max();
constexpr float infinite = std::numeric_limits<float>::infinity();

struct Range {
  float low;
  float high;
};

/// A fused activation also keeps infinite sums finite; RELU by itself does not.
Range range_of(Fused fused) {
  switch (fused) {
    case Fused::none: break;
    case Fused::relu: return {0.0F, largest};
    case Fused::relu_n1_to_1: return {-1.0F, 1.0F};
    case Fused::relu6: return {0.0F, 6.0F};
  }
  return {-largest, largest};
}

Result<FloatStep> step_of(const Op& op, std::size_t inputs) {
  FloatStep step;
  step.inputs = inputs;
  step.outputs = op.output.size;
  const auto clamp = [&step](float low, float high) {
    step.kind = FloatStepKind::clamp;
    step.low = low;
    step.high = high;
  };
  switch (op.kind) {
    case OpKind::dense:
      step.low = range_of(op.fused).low;
      step.high = range_of(op.fused).high;
      step.weights = op.weights;
      step.bias = op.bias.empty() ? std::vector<float>(op.output.size, 0.0F) : op.bias;
      break;
    case OpKind::relu: clamp(0.0F, infinite); break;
    case OpKind::relu6: clamp(0.0F, 6.0F); break;
    case OpKind::relu_n1_to_1: clamp(-1.0F, 1.0F); break;
    case OpKind::leaky_relu: return Error{ErrorKind::invalid, "it is not supported in float32"};
    case OpKind::tanh: step.kind = FloatStepKind::tanh; break;
    case OpKind::logistic: step.kind = FloatStepKind::sigmoid; break;
    case OpKind::softmax:
      step.kind = FloatStepKind::softmax;
      if (op.factor != 1.0F)
        return Error{ErrorKind::invalid, "its beta is not 1, which is not supported in float32"};
      break;
    case OpKind::quantize:
    case OpKind::dequantize:
      return Error{ErrorKind::invalid, "it does not belong in a float model"};
  }
  return step;
}

Result<std::vector<std::uint8_t>> encoded(const Chain& chain, const ImportNames& names) {
  if (is_int8(chain)) {
    const auto bundle = int8_bundle(chain, names);
    return bundle ? encode(*bundle) : Result<std::vector<std::uint8_t>>(bundle.error());
  }
  const auto model = float_model(chain, names);
  return model ? encode_float(*model) : Result<std::vector<std::uint8_t>>(model.error());
}

}  // namespace

Result<FloatModel> float_model(const Chain& chain, const ImportNames& names) {
  FloatModel model;
  model.task = task_of(chain, names);
  model.labels = labels_of(chain, names);
  model.provenance.model_id = names.model_id;
  std::size_t width = chain.input.size;
  for (std::size_t i = 0; i < chain.ops.size(); ++i) {
    auto step = step_of(chain.ops[i], width);
    if (!step)
      return Error{step.error().kind, "operator " + std::to_string(i) + " (" +
                                          to_string(chain.ops[i].kind) +
                                          "): " + step.error().message};
    width = step->outputs;
    model.steps.push_back(std::move(step).value());
  }
  return model;
}

Result<std::vector<std::uint8_t>> import_tflite(std::span<const std::uint8_t> file,
                                                const ImportNames& names) {
  const auto chain = read_tflite(file);
  if (!chain) return chain.error();
  return encoded(*chain, names);
}

Result<std::vector<std::uint8_t>> import_onnx(std::span<const std::uint8_t> file,
                                              const ImportNames& names) {
  const auto chain = read_onnx(file);
  return chain ? encoded(*chain, names) : Result<std::vector<std::uint8_t>>(chain.error());
}

}  // namespace haltere::models::interop
