#include "models/float_quantizer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "models/network.hpp"
#include "models/quantizer.hpp"
#include "models/recipe.hpp"

namespace haltere::models {
namespace {

constexpr float unlimited = std::numeric_limits<float>::infinity();

/// A dense step with the activation that follows it.
struct Layer {
  const FloatStep* dense = nullptr;
  Activation activation = Activation::linear;
  float ceiling = unlimited;
};

/// Makes the range low..high that of `layer`; false where no layer has it.
bool limit(Layer& layer, float low, float high) {
  // What keeps infinite sums finite is no limit to int8.
  const bool has_floor = low > -std::numeric_limits<float>::max();
  const bool has_ceiling = high < std::numeric_limits<float>::max();
  if (!has_floor && !has_ceiling) return true;
  const bool can_be_relu =
      layer.activation == Activation::linear || layer.activation == Activation::relu;
  if (low != 0.0F || !can_be_relu) return false;
  layer.activation = Activation::relu;
  layer.ceiling = std::min(layer.ceiling, has_ceiling ? high : unlimited);
  return true;
}

/// Lets `layer` end in what `step` does; false where no layer does both.
bool append(Layer& layer, const FloatStep& step) {
  if (step.kind == FloatStepKind::clamp) return limit(layer, step.low, step.high);
  if (layer.activation != Activation::linear) return false;
  switch (step.kind) {
    case FloatStepKind::tanh: layer.activation = Activation::tanh; return true;
    case FloatStepKind::sigmoid: layer.activation = Activation::sigmoid; return true;
    case FloatStepKind::softmax: layer.activation = Activation::softmax; return true;
    case FloatStepKind::dense:
    case FloatStepKind::clamp: break;
  }
  return false;
}

Result<std::vector<Layer>> layers_of(const FloatModel& model) {
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < model.steps.size(); ++i) {
    const FloatStep& step = model.steps[i];
    bool fits = true;
    if (step.kind == FloatStepKind::dense) {
      layers.push_back({&step});
      fits = limit(layers.back(), step.low, step.high);
    } else {
      fits = !layers.empty() && append(layers.back(), step);
    }
    if (!fits)
      return Error{ErrorKind::invalid,
                   "step " + std::to_string(i + 1) + " of " + std::to_string(model.steps.size()) +
                       " cannot be quantized: layers of microcontrollers are dense with relu, "
                       "relu6, tanh, sigmoid, or a softmax at the end"};
  }
  return layers;
}

struct Normalisation {
  std::vector<float> mean;
  std::vector<float> std;
};

Normalisation normalisation_of(std::span<const float> rows, std::size_t inputs) {
  const auto count = static_cast<double>(rows.size() / inputs);
  Normalisation found;
  for (std::size_t i = 0; i < inputs; ++i) {
    double mean = 0.0;
    for (std::size_t at = i; at < rows.size(); at += inputs)
      mean += static_cast<double>(rows[at]) / count;
    double variance = 0.0;
    for (std::size_t at = i; at < rows.size(); at += inputs) {
      const double from_mean = static_cast<double>(rows[at]) - mean;
      variance += from_mean * from_mean / count;
    }
    const auto std = static_cast<float>(std::sqrt(variance));
    found.mean.push_back(static_cast<float>(mean));
    found.std.push_back(std > 0.0F ? std : 1.0F);
  }
  return found;
}

/// The same net for inputs that are normalised.
Result<Network> network_of(const std::vector<Layer>& layers, const Normalisation& inputs) {
  std::vector<LayerShape> shapes;
  for (const Layer& layer : layers) shapes.push_back({layer.dense->outputs, layer.activation});
  Result<Network> network = Network::create(layers.front().dense->inputs, shapes, 1);
  if (!network) return network;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const FloatStep& dense = *layers[l].dense;
    float* const to = network->parameters().data() + network->parameter_offset(l);
    for (std::size_t o = 0; o < dense.outputs; ++o) {
      double bias = static_cast<double>(dense.bias[o]);
      for (std::size_t i = 0; i < dense.inputs; ++i) {
        const float weight = dense.weights[o * dense.inputs + i];
        to[i * dense.outputs + o] = l == 0 ? weight * inputs.std[i] : weight;
        if (l == 0) bias += static_cast<double>(weight) * static_cast<double>(inputs.mean[i]);
      }
      to[dense.inputs * dense.outputs + o] = static_cast<float>(bias);
    }
  }
  return network;
}

}  // namespace

Result<Bundle> quantize_float(const FloatModel& model, std::span<const float> rows,
                              std::span<const std::string> columns) {
  const Result<std::vector<Layer>> layers = layers_of(model);
  if (!layers) return layers.error();
  Result<std::vector<std::uint8_t>> recipe = table_recipe(columns);
  if (!recipe) return recipe.error();
  if (columns.size() != model.inputs() || rows.empty() || rows.size() % model.inputs() != 0)
    return Error{ErrorKind::invalid, "calibration needs whole rows of the model's inputs"};
  const Normalisation inputs = normalisation_of(rows, model.inputs());
  const Result<Network> network = network_of(*layers, inputs);
  if (!network) return network.error();
  std::vector<float> ceilings;
  for (const Layer& layer : *layers) ceilings.push_back(layer.ceiling);
  Calibration calibration;
  calibration.rows = rows;
  calibration.mean = inputs.mean;
  calibration.std = inputs.std;
  calibration.ceilings = ceilings;
  calibration.correct_bias = true;
  Bundle draft;
  draft.task = model.task;
  draft.provenance = model.provenance;
  draft.labels = model.labels;
  draft.recipe = std::move(recipe).value();
  if (model.task == kernels::Task::regress) draft.output_scales.resize(model.outputs());
  return quantize(*network, calibration, std::move(draft));
}

}  // namespace haltere::models
