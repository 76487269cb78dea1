#include "models/network.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>

#include "models/float_loops.hpp"
#include "models/random.hpp"

namespace haltere::models {

namespace {

Status check_shape(std::size_t inputs, std::span<const LayerShape> layers) {
  if (inputs == 0 || inputs > max_units)
    return Error{ErrorKind::invalid, "a network needs 1 to " + std::to_string(max_units) +
                                         " inputs, not " + std::to_string(inputs)};
  if (layers.empty() || layers.size() > max_layers)
    return Error{ErrorKind::invalid, "a network needs 1 to " + std::to_string(max_layers) +
                                         " layers, not " + std::to_string(layers.size())};
  for (const LayerShape& layer : layers) {
    if (layer.units == 0 || layer.units > max_units)
      return Error{ErrorKind::invalid, "a layer needs 1 to " + std::to_string(max_units) +
                                           " units, not " + std::to_string(layer.units)};
    if (layer.activation == Activation::softmax && &layer != &layers.back())
      return Error{ErrorKind::invalid, "softmax is only possible in the last layer"};
  }
  return {};
}

/// Half width of the uniform distribution of a layer's first weights.
float initial_bound(std::size_t inputs, const LayerShape& layer) {
  const bool rectified =
      layer.activation == Activation::relu || layer.activation == Activation::leaky_relu;
  const std::size_t fan = rectified ? inputs : inputs + layer.units;
  return std::sqrt(6.0F / static_cast<float>(fan));
}

}  // namespace

std::string_view to_string(Activation activation) {
  switch (activation) {
    case Activation::linear: return "linear";
    case Activation::relu: return "relu";
    case Activation::tanh: return "tanh";
    case Activation::sigmoid: return "sigmoid";
    case Activation::softmax: return "softmax";
    case Activation::leaky_relu: return "leaky_relu";
  }
  return "linear";
}

void dense_sums(const DenseLayer& layer, std::span<const float> x, std::span<float> sums) {
  assert(x.size() == layer.inputs && sums.size() == layer.outputs);
  std::ranges::copy(layer.layer_bias, sums.begin());
  for (std::size_t i = 0; i < layer.inputs; ++i) {
    if (x[i] == 0.0F) continue;
    const float* row = layer.weights.data() + i * layer.outputs;
    for (std::size_t o = 0; o < layer.outputs; ++o) sums[o] += x[i] * row[o];
  }
}

namespace {

/// Applies `activation` to values [rows][outputs] in place.
void activate_rows(const FloatLoops& loops, Activation activation, std::span<float> values,
                   std::size_t rows) {
  switch (activation) {
    case Activation::linear: return;
    case Activation::relu: loops.relu(values.data(), values.size()); return;
    case Activation::tanh: loops.tanh(values.data(), values.size()); return;
    case Activation::sigmoid: loops.sigmoid(values.data(), values.size()); return;
    case Activation::softmax: loops.softmax(values.data(), rows, values.size() / rows); return;
    case Activation::leaky_relu: loops.leaky_relu(values.data(), values.size()); return;
  }
}

}  // namespace

void activate(Activation activation, std::span<float> row) {
  activate_rows(float_loops(Arithmetic::exact), activation, row, 1);
}

Result<Network> Network::create(std::size_t inputs, std::span<const LayerShape> layers,
                                std::uint64_t seed) {
  if (const Status checked = check_shape(inputs, layers); !checked) return checked.error();
  Network network;
  std::size_t parameters = 0;
  std::size_t width = inputs;
  for (const LayerShape& layer : layers) {
    network.layers_.push_back({width, layer.units, layer.activation, parameters, network.units_});
    parameters += (width + 1) * layer.units;
    network.units_ += layer.units;
    width = layer.units;
  }
  network.parameter_count_ = parameters;
  network.parameters_.assign(parameters + slack, 0.0F);
  Random random(seed);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Place& place = network.layers_[l];
    const float bound = initial_bound(place.inputs, layers[l]);
    float* weights = network.parameters_.data() + place.parameters;
    for (std::size_t i = 0; i < place.inputs * place.outputs; ++i)
      weights[i] = bound * random.symmetric();
  }
  return network;
}

std::span<const float> Network::forward(std::span<const float> x, std::span<float> workspace,
                                        std::size_t rows, const FloatLoops& loops) const {
  assert(x.size() >= inputs() * rows && workspace.size() >= workspace_size(rows));
  std::span<const float> from = x;
  for (std::size_t l = 0; l < layers_.size(); ++l)
    from = forward_layer(l, from, workspace, rows, loops);
  return from;
}

std::span<float> Network::forward_layer(std::size_t index, std::span<const float> x,
                                        std::span<float> workspace, std::size_t rows,
                                        const FloatLoops& loops) const {
  const Place& place = layers_[index];
  const std::span<float> to = activations(workspace, index, rows);
  const bool rectified = place.activation == Activation::relu;
  loops.forward(parameters_.data() + place.parameters, x.data(), to.data(),
                {place.inputs, place.outputs, rows}, rectified);
  if (!rectified) activate_rows(loops, place.activation, to, rows);
  return to;
}

void copy_widened(const Network& narrow, std::span<const float> values, const Network& wide,
                  std::span<float> to) {
  for (std::size_t l = 0; l < narrow.layer_count(); ++l) {
    const DenseLayer from_layer = narrow.layer(l);
    const std::size_t outputs = wide.layer(l).outputs;
    // W [inputs][outputs], then the bias: as many rows of outputs as inputs and one.
    for (std::size_t row = 0; row <= from_layer.inputs; ++row)
      std::ranges::copy(
          values.subspan(narrow.parameter_offset(l) + row * from_layer.outputs, from_layer.outputs),
          to.begin() + static_cast<std::ptrdiff_t>(wide.parameter_offset(l) + row * outputs));
  }
}

}  // namespace haltere::models
