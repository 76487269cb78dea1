#include "learner/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace haltere::learner {

namespace {

/// Parameters whose gradient on one row is formed at a time, so that it never leaves the cache.
constexpr std::size_t block_parameters = 2048;

bool is_relu(const models::DenseLayer& layer) {
  return layer.activation == models::Activation::relu;
}

}  // namespace

Trainer::Trainer(models::Network network, Loss loss, const LearnSettings& settings,
                 std::size_t max_rows)
    : loops_(&models::float_loops(arithmetic_of(settings))),
      network_(std::move(network)),
      loss_(loss),
      optimizer_(settings, network_.parameters().size()),
      clip_norm_(settings.clip_norm),
      workspace_(network_.workspace_size(max_rows), 0.0F),
      slopes_(workspace_.size(), 0.0F),
      gradient_(network_.parameters().size() + models::slack, 0.0F) {}

std::span<const float> Trainer::forward(std::span<const float> x, std::size_t rows) {
  return network_.forward(x, workspace_, rows, *loops_);
}

std::span<float> Trainer::slopes(std::size_t layer, std::size_t rows) {
  return network_.activations(slopes_, layer, rows);
}

std::span<const float> Trainer::layer_input(std::span<const float> x, std::size_t layer,
                                            std::size_t rows) {
  return layer == 0 ? x : network_.activations(workspace_, layer - 1, rows);
}

void Trainer::find_slopes(std::span<const float> x, const Truth& truth, std::size_t rows) {
  const std::span<const float> outputs = forward(x, rows);
  const std::size_t last = network_.layer_count() - 1;
  loss_slopes(loss_, outputs, truth, slopes(last, rows), rows);
  multiply_by_derivative(network_.layer(last).activation, outputs, slopes(last, rows));
  for (std::size_t l = last; l > 0; --l) {
    const models::DenseLayer layer = network_.layer(l);
    const models::DenseLayer below = network_.layer(l - 1);
    const std::span<const float> input = layer_input(x, l, rows);
    const std::span<float> to = slopes(l - 1, rows);
    loops_->backward(layer.weights.data(), slopes(l, rows).data(),
                     is_relu(below) ? input.data() : nullptr, to.data(),
                     {layer.inputs, layer.outputs, rows});
    if (!is_relu(below)) multiply_by_derivative(below.activation, input, to);
  }
}

/// Leaves the gradient in gradient_ and returns the square of its norm.
float Trainer::form_gradient(std::span<const float> x, std::size_t rows) {
  float sum = 0.0F;
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    const models::DenseLayer layer = network_.layer(l);
    float* to = gradient_.data() + network_.parameter_offset(l);
    loops_->gradient(layer_input(x, l, rows).data(), slopes(l, rows).data(), to,
                     {layer.inputs, layer.outputs, rows});
    sum += loops_->norm_squared(to, (layer.inputs + 1) * layer.outputs);
  }
  return sum;
}

std::span<const float> Trainer::gradient(std::span<const float> x, const Truth& truth,
                                         std::size_t rows) {
  find_slopes(x, truth, rows);
  form_gradient(x, rows);
  return std::span(gradient_).first(network_.parameters().size());
}

/// The gradient of one row is an outer product per layer: its norm needs no gradient.
float Trainer::row_norm_squared(std::span<const float> x) {
  float sum = 0.0F;
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    const std::span<const float> input = layer_input(x, l, 1);
    const std::span<const float> slope = slopes(l, 1);
    sum += (loops_->norm_squared(input.data(), network_.layer(l).inputs) + 1.0F) *
           loops_->norm_squared(slope.data(), slope.size());
  }
  return sum;
}

/// Plain SGD on one row.
void Trainer::descend(std::span<const float> x, float gradient_scale) {
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    const models::DenseLayer layer = network_.layer(l);
    loops_->descend(network_.parameters().data() + network_.parameter_offset(l),
                    layer_input(x, l, 1).data(), slopes(l, 1).data(),
                    optimizer_.rate() * gradient_scale, {layer.inputs, layer.outputs, 1});
  }
}

/// Any optimizer's step on one row, some rows of W at a time; the last take layer_bias along.
void Trainer::step_layer(std::span<const float> x, std::size_t index) {
  const models::DenseLayer layer = network_.layer(index);
  const std::size_t rows_at_once = std::max<std::size_t>(1, block_parameters / layer.outputs);
  const float* input = layer_input(x, index, 1).data();
  for (std::size_t i = 0; i < layer.inputs; i += rows_at_once) {
    const std::size_t rows = std::min(rows_at_once, layer.inputs - i);
    const bool is_last = i + rows == layer.inputs;
    const std::size_t count = (rows + (is_last ? 1 : 0)) * layer.outputs;
    const std::size_t first = network_.parameter_offset(index) + i * layer.outputs;
    loops_->gradient(input + i, slopes(index, 1).data(), gradient_.data(),
                     {rows, layer.outputs, 1});
    optimizer_.apply(first, network_.parameters().subspan(first, count),
                     std::span<const float>(gradient_).first(count));
  }
}

StepOutcome Trainer::step(std::span<const float> x, const Truth& truth, std::size_t rows) {
  find_slopes(x, truth, rows);
  const float norm = std::sqrt(rows == 1 ? row_norm_squared(x) : form_gradient(x, rows));
  if (!std::isfinite(norm)) return StepOutcome::skipped;
  const bool clipped = norm > clip_norm_;
  const float gradient_scale = clipped ? clip_norm_ / norm : 1.0F;
  optimizer_.begin(gradient_scale);
  if (rows > 1) {
    const std::span<float> parameters = network_.parameters();
    optimizer_.apply(0, parameters, std::span<const float>(gradient_).first(parameters.size()));
  } else if (optimizer_.is_plain()) {
    descend(x, gradient_scale);
  } else {
    for (std::size_t l = 0; l < network_.layer_count(); ++l) step_layer(x, l);
  }
  return clipped ? StepOutcome::clipped : StepOutcome::taken;
}

void Trainer::exchange(Archive& archive) {
  archive.exchange(network_.parameters());
  optimizer_.exchange(archive);
}

}  // namespace haltere::learner
