#include "models/bundle_check.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "models/kernels/dense_s4.hpp"

namespace haltere::models {
namespace {

using kernels::Activation;
using kernels::Task;

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

Status check_layer(const BundleLayer& layer, std::size_t index, std::size_t inputs) {
  const auto name = "layer " + std::to_string(index);
  if (layer.inputs != inputs)
    return invalid(name + " takes " + std::to_string(layer.inputs) + " inputs, but gets " +
                   std::to_string(inputs));
  if (layer.outputs == 0 || layer.outputs > kernels::max_bundle_units)
    return invalid(name + " has " + std::to_string(layer.outputs) + " outputs");
  const bool has_table = layer.activation == Activation::tanh ||
                         layer.activation == Activation::sigmoid ||
                         layer.activation == Activation::leaky_relu;
  if (layer.multipliers.size() != layer.outputs || layer.shifts.size() != layer.outputs ||
      layer.layer_bias.size() != layer.outputs ||
      layer.weights.size() != layer.inputs * layer.outputs ||
      layer.table.size() != (has_table ? 256U : 0U))
    return invalid(name + " has arrays that do not fit its inputs and outputs");
  return {};
}

/// int4 weights are of int4, and no layer comes packed for a core class.
Status check_weights(const BundleLayer& layer, std::size_t index) {
  if (layer.packing == kernels::WeightPacking::plain) return {};
  const auto name = "layer " + std::to_string(index);
  if (layer.packing != kernels::WeightPacking::nibbles)
    return invalid(name + " is packed for one core class");
  const bool fits = std::ranges::all_of(layer.weights, [](std::int8_t weight) {
    return std::abs(weight) <= kernels::nibbles::largest;
  });
  return fits ? Status() : invalid(name + " has weights that do not fit 4 bits");
}

Status check_text(std::string_view what, std::string_view text) {
  if (!text.empty() && text.size() <= kernels::name_bytes) return {};
  return invalid(std::string(what) + " '" + std::string(text) + "' must be 1 to " +
                 std::to_string(kernels::name_bytes) + " bytes long");
}

Status check_layers(const Bundle& bundle) {
  std::size_t width = bundle.layers.front().inputs;
  for (std::size_t i = 0; i < bundle.layers.size(); ++i) {
    if (auto checked = check_layer(bundle.layers[i], i, width); !checked) return checked;
    if (auto checked = check_weights(bundle.layers[i], i); !checked) return checked;
    width = bundle.layers[i].outputs;
  }
  return {};
}

Status check_texts(const Bundle& bundle) {
  if (auto checked = check_text("model id", bundle.provenance.model_id); !checked) return checked;
  for (const auto& label : bundle.labels)
    if (auto checked = check_text("label", label); !checked) return checked;
  return {};
}

}  // namespace

Status check_sizes(const Bundle& bundle) {
  if (bundle.layers.empty() || bundle.layers.size() > kernels::max_bundle_layers)
    return invalid("a bundle needs 1 to " + std::to_string(kernels::max_bundle_layers) + " layers");
  const std::size_t inputs = bundle.layers.front().inputs;
  const std::size_t outputs = bundle.layers.back().outputs;
  if (inputs == 0 || inputs > kernels::max_inputs)
    return invalid("a bundle cannot have " + std::to_string(inputs) + " inputs");
  if (auto checked = check_layers(bundle); !checked) return checked;
  if (bundle.mean.size() != inputs || bundle.gain.size() != inputs ||
      bundle.self_test_features.size() != inputs)
    return invalid("normalisation and self-test vector must have one value per input");
  if (bundle.output_scales.size() != (bundle.task == Task::regress ? outputs : 0U))
    return invalid("only regression has output scales, one per output");
  if (bundle.labels.size() > outputs) return invalid("a bundle has at most one label per output");
  return check_texts(bundle);
}

}  // namespace haltere::models
