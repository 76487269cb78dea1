#include "models/float_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace haltere::models {
namespace {

/// Keeps NaN, as the comparisons in TensorFlow's min and max do.
float clamped(float value, const FloatStep& step) {
  const float raised = value < step.low ? step.low : value;
  return step.high < raised ? step.high : raised;
}

std::vector<float> dense(const FloatStep& step, std::span<const float> x) {
  std::vector<float> y;
  y.reserve(step.outputs);
  for (std::size_t o = 0; o < step.outputs; ++o) {
    float sum = 0.0F;
    for (std::size_t i = 0; i < step.inputs; ++i) sum += x[i] * step.weights[o * step.inputs + i];
    y.push_back(clamped(sum + step.bias[o], step));
  }
  return y;
}

/// exp alone where 1 + exp(-x) would overflow or lose it, as in TensorFlow Lite.
float sigmoid(float x) {
  if (x > 16.619047164916992188F) return 1.0F;
  if (x < -9.0F) return std::exp(x);
  return 1.0F / (1.0F + std::exp(-x));
}

void softmax(std::vector<float>& values) {
  float largest = std::numeric_limits<float>::lowest();
  for (const float value : values) largest = largest < value ? value : largest;
  float sum = 0.0F;
  for (float& value : values) {
    value = std::exp(value - largest);
    sum += value;
  }
  for (float& value : values) value = value / sum;
}

void apply(const FloatStep& step, std::vector<float>& values) {
  switch (step.kind) {
    case FloatStepKind::dense: values = dense(step, values); break;
    case FloatStepKind::clamp:
      for (float& value : values) value = clamped(value, step);
      break;
    case FloatStepKind::tanh:
      for (float& value : values) value = std::tanh(value);
      break;
    case FloatStepKind::sigmoid:
      for (float& value : values) value = sigmoid(value);
      break;
    case FloatStepKind::softmax: softmax(values); break;
  }
}

std::string step_text(const FloatStep& step) {
  switch (step.kind) {
    case FloatStepKind::dense: return "-" + std::to_string(step.outputs);
    case FloatStepKind::clamp: return " clamp";
    case FloatStepKind::tanh: return " tanh";
    case FloatStepKind::sigmoid: return " sigmoid";
    case FloatStepKind::softmax: return " softmax";
  }
  return "";
}

}  // namespace

std::vector<float> FloatModel::run(std::span<const float> x) const {
  std::vector<float> values(x.begin(), x.end());
  for (const FloatStep& step : steps) apply(step, values);
  return values;
}

std::string describe_float(const FloatModel& model) {
  std::string layers = std::to_string(model.inputs());
  for (const FloatStep& step : model.steps) layers += step_text(step);
  std::string out = "model       " + model.provenance.model_id + " version " +
                    std::to_string(model.provenance.version) + "\n";
  out += "task        " + std::string(to_string(model.task)) + "\n";
  out += "layers      " + layers + " in float32: for boards only, microcontrollers run int8\n";
  if (!model.labels.empty()) {
    out += "labels      ";
    for (std::size_t i = 0; i < model.labels.size(); ++i)
      out += (i == 0 ? "" : ", ") + model.labels[i];
    out += "\n";
  }
  return out;
}

}  // namespace haltere::models
