#include "learner/trainer.hpp"

#include <cmath>
#include <utility>

#include "models/float_loops.hpp"

namespace haltere::learner {

Trainer::Trainer(models::Network network, Loss loss, const LearnSettings& settings,
                 std::size_t max_rows)
    : network_(std::move(network)),
      loss_(loss),
      optimizer_(settings, network_.parameters().size()),
      clip_norm_(settings.clip_norm),
      workspace_(network_.workspace_size(max_rows), 0.0F),
      slopes_(workspace_.size(), 0.0F),
      gradient_(network_.parameters().size(), 0.0F) {}

std::span<const float> Trainer::forward(std::span<const float> x, std::size_t rows) {
  return network_.forward(x, workspace_, rows);
}

std::span<float> Trainer::slopes(std::size_t layer, std::size_t rows) {
  return network_.activations(slopes_, layer, rows);
}

std::span<const float> Trainer::layer_input(std::span<const float> x, std::size_t layer,
                                            std::size_t rows) {
  return layer == 0 ? x : network_.activations(workspace_, layer - 1, rows);
}

void Trainer::find_slopes(std::span<const float> x, const Truth& truth, std::size_t rows) {
  const models::FloatLoops& loops = models::float_loops();
  const std::span<const float> outputs = forward(x, rows);
  const std::size_t last = network_.layer_count() - 1;
  loss_slopes(loss_, outputs, truth, slopes(last, rows), rows);
  multiply_by_derivative(network_.layer(last).activation, outputs, slopes(last, rows));
  for (std::size_t l = last; l > 0; --l) {
    const models::DenseLayer layer = network_.layer(l);
    const std::span<float> below = slopes(l - 1, rows);
    loops.backward(layer.weights.data(), slopes(l, rows).data(), below.data(),
                   {layer.inputs, layer.outputs, rows});
    multiply_by_derivative(network_.layer(l - 1).activation,
                           network_.activations(workspace_, l - 1, rows), below);
  }
}

void Trainer::form_gradient(std::span<const float> x, std::size_t rows) {
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    const models::DenseLayer layer = network_.layer(l);
    models::float_loops().gradient(layer_input(x, l, rows).data(), slopes(l, rows).data(),
                                   gradient_.data() + network_.parameter_offset(l),
                                   {layer.inputs, layer.outputs, rows});
  }
}

std::span<const float> Trainer::gradient(std::span<const float> x, const Truth& truth,
                                         std::size_t rows) {
  find_slopes(x, truth, rows);
  form_gradient(x, rows);
  return gradient_;
}

/// The gradient of one row is an outer product per layer: its norm needs no gradient.
float Trainer::descend_norm_squared(std::span<const float> x) {
  const models::FloatLoops& loops = models::float_loops();
  float sum = 0.0F;
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    const std::span<const float> input = layer_input(x, l, 1);
    const std::span<const float> slope = slopes(l, 1);
    sum += (loops.norm_squared(input.data(), network_.layer(l).inputs) + 1.0F) *
           loops.norm_squared(slope.data(), slope.size());
  }
  return sum;
}

StepOutcome Trainer::descend(std::span<const float> x) {
  const float norm = std::sqrt(descend_norm_squared(x));
  if (!std::isfinite(norm)) return StepOutcome::skipped;
  const bool clipped = norm > clip_norm_;
  const float rate = clipped ? optimizer_.rate() * (clip_norm_ / norm) : optimizer_.rate();
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    const models::DenseLayer layer = network_.layer(l);
    models::float_loops().descend(network_.parameters().data() + network_.parameter_offset(l),
                                  layer_input(x, l, 1).data(), slopes(l, 1).data(), rate,
                                  {layer.inputs, layer.outputs, 1});
  }
  return clipped ? StepOutcome::clipped : StepOutcome::taken;
}

StepOutcome Trainer::step(std::span<const float> x, const Truth& truth, std::size_t rows) {
  find_slopes(x, truth, rows);
  if (rows == 1 && optimizer_.is_plain()) return descend(x);
  form_gradient(x, rows);
  const models::FloatLoops& loops = models::float_loops();
  const float norm = std::sqrt(loops.norm_squared(gradient_.data(), gradient_.size()));
  if (!std::isfinite(norm)) return StepOutcome::skipped;
  const bool clipped = norm > clip_norm_;
  if (clipped) loops.scale(gradient_.data(), gradient_.size(), clip_norm_ / norm);
  optimizer_.step(network_.parameters(), gradient_);
  return clipped ? StepOutcome::clipped : StepOutcome::taken;
}

void Trainer::exchange(Archive& archive) {
  archive.exchange(network_.parameters());
  optimizer_.exchange(archive);
}

}  // namespace haltere::learner
