#include "learner/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace haltere::learner {

namespace {

/// Parameters whose gradient on one row is formed at a time, so that it never leaves the cache.
constexpr std::size_t block_parameters = 2048;

/// How far below all others the bias of a new output begins: e^-2 of the least likely.
constexpr float unknown_bias = 2.0F;

/// Added to the settings' seed: dropout draws numbers of its own.
constexpr std::uint64_t dropout_seed = 1001;

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
      class_weights_(settings, loss.kind == LossKind::cross_entropy ? network_.outputs() : 0,
                     max_rows),
      dropout_(settings.dropout, settings.seed + dropout_seed),
      clip_norm_(settings.clip_norm),
      first_layer_(settings.frozen_layers),
      workspace_(network_.workspace_size(max_rows), 0.0F),
      factors_(dropout_.is_on() ? workspace_.size() : 0, 0.0F),
      slopes_(workspace_.size(), 0.0F),
      gradient_(network_.parameters().size() + models::slack, 0.0F) {}

std::span<const float> Trainer::forward(std::span<const float> x, std::size_t rows) {
  return network_.forward(x, workspace_, rows, *loops_);
}

std::span<const float> Trainer::forward_training(std::span<const float> x, std::size_t rows) {
  if (!dropout_.is_on() && grids_.empty()) return forward(x, rows);
  std::span<const float> from = x;
  for (std::size_t l = 0; l < network_.layer_count(); ++l) {
    const std::span<float> to = network_.forward_layer(l, from, workspace_, rows, *loops_);
    from = to;
    if (l + 1 == network_.layer_count()) break;
    if (dropout_.is_on()) dropout_.draw(to, network_.activations(factors_, l, rows));
    if (!grids_.empty()) models::round_to(grids_[l], to);
  }
  return from;
}

std::span<float> Trainer::slopes(std::size_t layer, std::size_t rows) {
  return network_.activations(slopes_, layer, rows);
}

std::span<const float> Trainer::layer_input(std::span<const float> x, std::size_t layer,
                                            std::size_t rows) {
  return layer == 0 ? x : network_.activations(workspace_, layer - 1, rows);
}

void Trainer::find_last_slopes(std::span<const float> x, const Truth& truth, std::size_t rows) {
  const std::span<const float> outputs = forward_training(x, rows);
  const std::size_t last = network_.layer_count() - 1;
  loss_slopes(loss_, outputs, truth, slopes(last, rows), rows);
  multiply_by_derivative(network_.layer(last).activation, outputs, slopes(last, rows));
}

/// From the slopes of layer `index` > 0, those of the one below.
void Trainer::find_slopes_below(std::span<const float> x, std::size_t index, std::size_t rows) {
  const models::DenseLayer layer = network_.layer(index);
  const models::DenseLayer below = network_.layer(index - 1);
  const std::span<const float> input = layer_input(x, index, rows);
  const std::span<float> to = slopes(index - 1, rows);
  loops_->backward(layer.weights.data(), slopes(index, rows).data(),
                   is_relu(below) ? input.data() : nullptr, to.data(),
                   {layer.inputs, layer.outputs, rows});
  float scale = 1.0F;
  if (dropout_.is_on()) {
    const std::span<const float> factors = network_.activations(factors_, index - 1, rows);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] *= factors[i];
    scale = dropout_.unscaled();
  }
  if (!is_relu(below)) multiply_by_derivative(below.activation, input, to, scale);
}

void Trainer::find_slopes(std::span<const float> x, const Truth& truth, std::size_t rows) {
  find_last_slopes(x, truth, rows);
  for (std::size_t l = network_.layer_count() - 1; l > first_layer_; --l)
    find_slopes_below(x, l, rows);
}

/// Leaves the gradient in gradient_ and returns the square of its norm.
float Trainer::form_gradient(std::span<const float> x, std::size_t rows) {
  float sum = 0.0F;
  for (std::size_t l = first_layer_; l < network_.layer_count(); ++l) {
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

/// Square of the norm of what each layer that learns gets from one row, and their sum.
float Trainer::measure_inputs(std::span<const float> x) {
  float sum = 0.0F;
  for (std::size_t l = first_layer_; l < network_.layer_count(); ++l) {
    const std::size_t inputs = network_.layer(l).inputs;
    input_squares_[l] = loops_->norm_squared(layer_input(x, l, 1).data(), inputs);
    sum += input_squares_[l];
  }
  return sum;
}

/// Square of the norm of a layer's gradient on one row: it is an outer product, so that none needs
/// to be formed.
float Trainer::row_norm_squared(std::size_t layer) {
  const std::span<const float> slope = slopes(layer, 1);
  return (input_squares_[layer] + 1.0F) * loops_->norm_squared(slope.data(), slope.size());
}

/// Plain SGD on one row, in one layer.
void Trainer::descend_layer(std::span<const float> x, std::size_t index, float rate) {
  const models::DenseLayer layer = network_.layer(index);
  loops_->descend(network_.parameters().data() + network_.parameter_offset(index),
                  layer_input(x, index, 1).data(), slopes(index, 1).data(), rate,
                  {layer.inputs, layer.outputs, 1});
}

/// The same, together with find_slopes_below.
void Trainer::descend_back(std::span<const float> x, std::size_t index) {
  const models::DenseLayer layer = network_.layer(index);
  const models::DenseLayer below = network_.layer(index - 1);
  const std::span<const float> input = layer_input(x, index, 1);
  const std::span<float> to = slopes(index - 1, 1);
  const models::RowSlopes row{input.data(), slopes(index, 1).data(), to.data(), is_relu(below)};
  loops_->descend_back(network_.parameters().data() + network_.parameter_offset(index), row,
                       optimizer_.rate(), {layer.inputs, layer.outputs, 1});
  if (!is_relu(below)) multiply_by_derivative(below.activation, input, to);
}

/// Plain SGD on one row. Each layer steps while its slopes go on to the one below, so that weights
/// are read once; that is undone in part where the gradient turns out too long.
StepOutcome Trainer::descend(std::span<const float> x, const Truth& truth) {
  find_last_slopes(x, truth, 1);
  if (!std::isfinite(measure_inputs(x))) return StepOutcome::skipped;
  float norm_squared = 0.0F;
  for (std::size_t l = network_.layer_count(); l-- > first_layer_;) {
    norm_squared += row_norm_squared(l);
    if (!(norm_squared <= clip_norm_ * clip_norm_)) return descend_clipped(x, l, norm_squared);
    if (l > first_layer_) {
      descend_back(x, l);
    } else {
      descend_layer(x, l, optimizer_.rate());
    }
  }
  return StepOutcome::taken;
}

/// The rest of `descend` when the gradient from layer `from` on is too long or not finite: the
/// layers above it have taken their whole steps. Were the slopes of a lower layer not finite, with
/// all activations finite, weights would be beyond 1e18; then those steps are taken back, but for
/// rounding.
StepOutcome Trainer::descend_clipped(std::span<const float> x, std::size_t from,
                                     float norm_squared) {
  for (std::size_t l = from; l > first_layer_; --l) {
    find_slopes_below(x, l, 1);
    norm_squared += row_norm_squared(l - 1);
  }
  const float norm = std::sqrt(norm_squared);
  const bool finite = std::isfinite(norm);
  const float scale = finite ? clip_norm_ / norm : 0.0F;
  for (std::size_t l = from + 1; l < network_.layer_count(); ++l)
    descend_layer(x, l, optimizer_.rate() * (scale - 1.0F));
  if (!finite) return StepOutcome::skipped;
  for (std::size_t l = first_layer_; l <= from; ++l) descend_layer(x, l, optimizer_.rate() * scale);
  return StepOutcome::clipped;
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

/// After find_slopes; of several rows it leaves the gradient in gradient_, one row needs none.
float Trainer::gradient_norm(std::span<const float> x, std::size_t rows) {
  if (rows > 1) return std::sqrt(form_gradient(x, rows));
  measure_inputs(x);
  float norm_squared = 0.0F;
  for (std::size_t l = first_layer_; l < network_.layer_count(); ++l)
    norm_squared += row_norm_squared(l);
  return std::sqrt(norm_squared);
}

StepOutcome Trainer::step(std::span<const float> x, const Truth& truth, std::size_t rows) {
  Truth weighed = truth;
  if (class_weights_.any()) weighed.weights = class_weights_.weigh(truth.labels.first(rows));
  if (rows == 1 && optimizer_.is_plain() && !dropout_.is_on()) return descend(x, weighed);
  find_slopes(x, weighed, rows);
  const float norm = gradient_norm(x, rows);
  if (!std::isfinite(norm)) return StepOutcome::skipped;
  const bool clipped = norm > clip_norm_;
  optimizer_.begin(clipped ? clip_norm_ / norm : 1.0F);
  if (rows > 1) {
    const std::size_t first = network_.parameter_offset(first_layer_);
    const std::span<float> learning = network_.parameters().subspan(first);
    optimizer_.apply(first, learning,
                     std::span<const float>(gradient_).subspan(first, learning.size()));
  } else {
    for (std::size_t l = first_layer_; l < network_.layer_count(); ++l) step_layer(x, l);
  }
  return clipped ? StepOutcome::clipped : StepOutcome::taken;
}

void Trainer::widen_from(const Trainer& narrow) {
  const std::size_t last = network_.layer_count() - 1;
  const models::DenseLayer layer = network_.layer(last);
  const models::DenseLayer before = narrow.network_.layer(last);
  const std::span<float> rows = network_.parameters().subspan(network_.parameter_offset(last));
  std::fill_n(rows.begin(), layer.inputs * layer.outputs, 0.0F);
  std::fill_n(rows.begin() + static_cast<std::ptrdiff_t>(layer.inputs * layer.outputs),
              layer.outputs, std::ranges::min(before.layer_bias) - unknown_bias);
  models::copy_widened(narrow.network_, narrow.network_.parameters(), network_,
                       network_.parameters());
  optimizer_.widen_from(narrow.optimizer_, narrow.network_, network_);
}

void Trainer::pull(std::span<const float> towards, float share) {
  const std::span<float> parameters = network_.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    parameters[i] -= share * (parameters[i] - towards[i]);
}

void Trainer::exchange(Archive& archive) {
  archive.exchange(network_.parameters());
  optimizer_.exchange(archive);
  class_weights_.exchange(archive);
  dropout_.exchange(archive);
}

}  // namespace haltere::learner
