#include "models/dequantizer.hpp"

#include <cmath>
#include <vector>

#include "models/quantizer_ranges.hpp"

namespace haltere::models {
namespace {

Activation float_activation(kernels::Activation activation) {
  switch (activation) {
    case kernels::Activation::linear: return Activation::linear;
    case kernels::Activation::relu: return Activation::relu;
    case kernels::Activation::tanh: return Activation::tanh;
    case kernels::Activation::sigmoid: return Activation::sigmoid;
    case kernels::Activation::softmax: return Activation::softmax;
    case kernels::Activation::leaky_relu: return Activation::leaky_relu;
  }
  return Activation::linear;
}

/// Writes W [inputs][outputs] and layer_bias of `layer`, which gets numbers in `input`, to `to`.
void write_layer(const BundleLayer& layer, Quantization input, float* to) {
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    // multiplier / 2^31 * 2^shift is the scale of a product over that of the sums.
    const double product_scale =
        std::ldexp(static_cast<double>(layer.multipliers[o]), layer.shifts[o] - 31) *
        static_cast<double>(layer.output_scale);
    const double scale = product_scale / static_cast<double>(input.scale);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < layer.inputs; ++i) {
      const std::int8_t weight = layer.weights[o * layer.inputs + i];
      to[i * layer.outputs + o] = static_cast<float>(scale * weight);
      sum += weight;
    }
    const auto layer_bias = static_cast<double>(layer.layer_bias[o] + sum * input.zero_point);
    to[layer.inputs * layer.outputs + o] = static_cast<float>(product_scale * layer_bias);
  }
}

}  // namespace

Result<Network> dequantize(const Bundle& bundle) {
  std::vector<LayerShape> shapes;
  for (const BundleLayer& layer : bundle.layers) {
    if (layer.packing != kernels::WeightPacking::plain &&
        layer.packing != kernels::WeightPacking::nibbles)
      return Error{ErrorKind::invalid,
                   "its weights are packed for one kind of core; give the bundle they were packed "
                   "from"};
    shapes.push_back({layer.outputs, float_activation(layer.activation)});
  }
  Result<Network> network = Network::create(bundle.layers.front().inputs, shapes, 1);
  if (!network) return network;
  Quantization input{bundle.input_scale, bundle.input_zero_point};
  for (std::size_t l = 0; l < bundle.layers.size(); ++l) {
    const BundleLayer& layer = bundle.layers[l];
    write_layer(layer, input, network->parameters().data() + network->parameter_offset(l));
    input = output_of(shapes[l].activation, {layer.output_scale, layer.output_zero_point});
  }
  return network;
}

}  // namespace haltere::models
