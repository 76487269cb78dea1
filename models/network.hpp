#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "models/float_loops.hpp"
#include "models/floats.hpp"

namespace haltere::models {

/// What a dense layer applies to its sums. `softmax` only in the last layer.
enum class Activation : std::uint8_t { linear, relu, tanh, sigmoid, softmax, leaky_relu };

/// Name of `activation` as in settings and reports.
[[nodiscard]] std::string_view to_string(Activation activation);

/// One dense layer as a user declares it.
struct LayerShape {
  std::size_t units = 0;
  Activation activation = Activation::linear;
};

/// One layer's parameters inside a Network; valid as long as the network.
struct DenseLayer {
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  Activation activation = Activation::linear;
  std::span<const float> weights;     ///< W [inputs][outputs]
  std::span<const float> layer_bias;  ///< [outputs]
};

/// `sums`[outputs] = layer_bias + x W, without the activation. Each sum is formed in the order of
/// the inputs, whatever the vector width; inputs that are exactly 0 are skipped.
void dense_sums(const DenseLayer& layer, std::span<const float> x, std::span<float> sums);

/// Applies `activation` to one row of sums in place. exp and tanh are our own: same bits
/// everywhere.
void activate(Activation activation, std::span<float> row);

inline constexpr std::size_t max_layers = 16;
inline constexpr std::size_t max_units = 4096;

/// A stack of dense float layers. All parameters lie in one array, layer after layer, each layer's
/// W [inputs][outputs] then its layer_bias, so that optimizers and checkpoints see one vector.
/// Allocates only in `create`. Same seed and shape: same bits on every machine.
class Network {
 public:
  /// Weights uniform in ±sqrt(6 / inputs) before relu and leaky relu (He), ±sqrt(6 / (inputs +
  /// outputs)) otherwise (Glorot); layer_bias 0. Errors: invalid for no inputs or layers, a limit
  /// above, or a softmax that is not last.
  [[nodiscard]] static Result<Network> create(std::size_t inputs,
                                              std::span<const LayerShape> layers,
                                              std::uint64_t seed);

  [[nodiscard]] std::size_t inputs() const { return layers_.front().inputs; }
  [[nodiscard]] std::size_t outputs() const { return layers_.back().outputs; }
  [[nodiscard]] std::size_t layer_count() const { return layers_.size(); }
  [[nodiscard]] DenseLayer layer(std::size_t index) const {
    const Place& place = layers_[index];
    const float* weights = parameters_.data() + place.parameters;
    const std::size_t count = place.inputs * place.outputs;
    return {place.inputs,
            place.outputs,
            place.activation,
            {weights, count},
            {weights + count, place.outputs}};
  }

  [[nodiscard]] std::span<float> parameters() { return {parameters_.data(), parameter_count_}; }
  [[nodiscard]] std::span<const float> parameters() const {
    return {parameters_.data(), parameter_count_};
  }
  /// Where layer `index` begins in parameters(); its layer_bias follows after inputs * outputs.
  [[nodiscard]] std::size_t parameter_offset(std::size_t index) const {
    return layers_[index].parameters;
  }

  /// Floats of workspace that `forward` needs for `rows` samples.
  [[nodiscard]] std::size_t workspace_size(std::size_t rows = 1) const {
    return units_ * rows + slack;
  }

  /// Runs `rows` samples, x [rows][inputs], through all layers; every layer's activations stay in
  /// `workspace`. Returns the last ones, [rows][outputs]. A sample's result does not depend on the
  /// other rows, except with loops that are fused, and there within their tolerance.
  std::span<const float> forward(std::span<const float> x, std::span<float> workspace,
                                 std::size_t rows = 1,
                                 const FloatLoops& loops = float_loops(Arithmetic::exact)) const;

  /// One layer of that: x [rows][inputs] to its activations in `workspace`, which are returned.
  std::span<float> forward_layer(std::size_t index, std::span<const float> x,
                                 std::span<float> workspace, std::size_t rows,
                                 const FloatLoops& loops) const;

  /// Activations [rows][outputs] of layer `index` after `forward` with the same `rows`.
  [[nodiscard]] std::span<float> activations(std::span<float> workspace, std::size_t index,
                                             std::size_t rows = 1) const {
    return workspace.subspan(layers_[index].activations * rows, layers_[index].outputs * rows);
  }

 private:
  struct Place {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    Activation activation = Activation::linear;
    std::size_t parameters = 0;   ///< offset in parameters_
    std::size_t activations = 0;  ///< offset in the workspace of one row
  };
  Network() = default;

  std::vector<Place> layers_;
  Floats parameters_;  ///< with the slack that float_loops.hpp asks for
  std::size_t parameter_count_ = 0;
  std::size_t units_ = 0;
};

/// Copies `values`, laid out as the parameters of `narrow`, into `to`, laid out as those of `wide`,
/// which is the same net but for more outputs of the last layer. What belongs to these stays as it
/// is in `to`.
void copy_widened(const Network& narrow, std::span<const float> values, const Network& wide,
                  std::span<float> to);

}  // namespace haltere::models
