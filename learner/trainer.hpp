#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "config/result.hpp"
#include "learner/archive.hpp"
#include "learner/class_weights.hpp"
#include "learner/dropout.hpp"
#include "learner/loss.hpp"
#include "learner/model_settings.hpp"
#include "learner/optimizer.hpp"
#include "models/float_loops.hpp"
#include "models/floats.hpp"
#include "models/network.hpp"
#include "models/quantizer_ranges.hpp"

namespace haltere::learner {

/// What became of a step.
enum class StepOutcome : std::uint8_t {
  taken,
  clipped,  ///< taken, with the gradient shortened to clip_norm
  skipped,  ///< the gradient was not finite: nothing changed
};

/// A network together with what training it needs: gradient, slopes, optimizer. Allocates only at
/// construction. Same calls, same bits on one CPU, with `deterministic` on every CPU.
class Trainer {
 public:
  /// `max_rows` is the largest batch a step will get.
  Trainer(models::Network network, Loss loss, const LearnSettings& settings, std::size_t max_rows);

  /// Activations of the last layer for x [rows][inputs], [rows][outputs]; valid until the next
  /// call.
  std::span<const float> forward(std::span<const float> x, std::size_t rows = 1);

  /// The same as a step sees it: with units dropped, if the settings say so.
  std::span<const float> forward_training(std::span<const float> x, std::size_t rows);

  /// One step on the mean gradient of `rows` rows, x [rows][inputs], each weighed by its class and
  /// as `truth` says, but not both.
  StepOutcome step(std::span<const float> x, const Truth& truth, std::size_t rows);

  /// Mean gradient of the rows, not weighed by class, laid out as the network's parameters, 0 for
  /// frozen layers; valid until the next call.
  std::span<const float> gradient(std::span<const float> x, const Truth& truth, std::size_t rows);

  /// As Optimizer's.
  void scale_rate(float factor) { optimizer_.scale_rate(factor); }

  /// From now on a step sees the activations of each hidden layer rounded to its grid of int8
  /// values, and takes their gradient as if they were not (straight-through, Bengio et al. 2013):
  /// quantization-aware training (Jacob et al., CVPR 2018).
  void round_activations(std::vector<models::Quantization> grids) { grids_ = std::move(grids); }

  [[nodiscard]] const models::Network& network() const { return network_; }
  [[nodiscard]] models::Network& network() { return network_; }

  /// Goes on where `narrow` stands, a net like this one with fewer outputs. Outputs it has not get
  /// no weight, and a bias below all others: what is not known yet is not answered.
  void widen_from(const Trainer& narrow);

  /// w -= share (w - towards) for all parameters.
  void pull(std::span<const float> towards, float share);

  void exchange(Archive& archive);

 private:
  void find_last_slopes(std::span<const float> x, const Truth& truth, std::size_t rows);
  void find_slopes(std::span<const float> x, const Truth& truth, std::size_t rows);
  std::span<float> slopes(std::size_t layer, std::size_t rows);
  std::span<const float> layer_input(std::span<const float> x, std::size_t layer, std::size_t rows);
  float form_gradient(std::span<const float> x, std::size_t rows);
  float measure_inputs(std::span<const float> x);
  float row_norm_squared(std::size_t layer);
  void find_slopes_below(std::span<const float> x, std::size_t index, std::size_t rows);
  void descend_layer(std::span<const float> x, std::size_t index, float rate);
  void descend_back(std::span<const float> x, std::size_t index);
  StepOutcome descend(std::span<const float> x, const Truth& truth);
  StepOutcome descend_clipped(std::span<const float> x, std::size_t from, float norm_squared);
  float gradient_norm(std::span<const float> x, std::size_t rows);
  void step_layer(std::span<const float> x, std::size_t index);

  const models::FloatLoops* loops_;
  models::Network network_;
  Loss loss_;
  Optimizer optimizer_;
  ClassWeights class_weights_;
  Dropout dropout_;
  std::vector<models::Quantization> grids_;  ///< of hidden layers; empty = activations as they are
  float clip_norm_;
  std::size_t first_layer_;                                ///< that learns: those below are frozen
  std::array<float, models::max_layers> input_squares_{};  ///< of one row, by measure_inputs
  models::Floats workspace_;                               ///< activations of every layer
  models::Floats factors_;                                 ///< of dropout, laid out like workspace_
  models::Floats slopes_;    ///< d loss / d sums of every layer, laid out like workspace_
  models::Floats gradient_;  ///< d loss / d parameters, and the loops' slack
};

}  // namespace haltere::learner
