#include "learner/compress/fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "learner/loss.hpp"
#include "learner/optimizer.hpp"
#include "learner/trainer.hpp"
#include "models/floats.hpp"
#include "models/random.hpp"

namespace haltere::learner {
namespace {

constexpr float weight_decay = 0.02F;
constexpr float weight_steps = 127.0F;
constexpr std::size_t rows_at_once = 64;

Loss loss_for(const models::Network& network) {
  const models::Activation last = network.layer(network.layer_count() - 1).activation;
  return {.kind =
              last == models::Activation::softmax ? LossKind::cross_entropy : LossKind::squared};
}

LearnSettings learn_settings(const FitSettings& settings) {
  LearnSettings learn;
  learn.rate = settings.rate;
  learn.weight_decay = weight_decay;
  learn.seed = settings.seed;
  return learn;
}

/// Hands out rows in random order, all of them before any again.
class Shuffled {
 public:
  Shuffled(const FitRows& rows, std::size_t batch, std::uint64_t seed)
      : rows_(rows),
        random_(seed),
        order_(rows.count()),
        x_(batch * rows.inputs),
        targets_(batch * rows.outputs) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
  }

  void draw() {
    for (std::size_t b = 0; b * rows_.inputs < x_.size(); ++b) {
      if (left_ == 0) left_ = order_.size();
      std::swap(order_[random_.below(left_)], order_[left_ - 1]);
      const std::size_t row = order_[--left_];
      std::copy_n(&rows_.x[row * rows_.inputs], rows_.inputs, &x_[b * rows_.inputs]);
      std::copy_n(&rows_.targets[row * rows_.outputs], rows_.outputs, &targets_[b * rows_.outputs]);
    }
  }

  [[nodiscard]] std::span<const float> x() const { return x_; }
  [[nodiscard]] std::span<const float> targets() const { return targets_; }

 private:
  const FitRows& rows_;
  models::Random random_;
  std::vector<std::size_t> order_;
  std::size_t left_ = 0;
  std::vector<float> x_;
  std::vector<float> targets_;
};

/// Each output's weights in whole steps of 1/127 of its largest.
void round_weights(models::Network& network) {
  for (std::size_t l = 0; l < network.layer_count(); ++l) {
    const models::DenseLayer layer = network.layer(l);
    float* weights = network.parameters().data() + network.parameter_offset(l);
    for (std::size_t o = 0; o < layer.outputs; ++o) {
      float largest = 0.0F;
      for (std::size_t i = 0; i < layer.inputs; ++i)
        largest = std::max(largest, std::abs(weights[i * layer.outputs + o]));
      if (!(largest > 0.0F)) continue;
      const float scale = largest / weight_steps;
      for (std::size_t i = 0; i < layer.inputs; ++i)
        weights[i * layer.outputs + o] = scale * std::round(weights[i * layer.outputs + o] / scale);
    }
  }
}

}  // namespace

void fit(models::Network& network, const FitRows& rows, const FitSettings& settings) {
  const std::size_t batch = std::min(settings.batch, rows.count());
  Trainer trainer(network, loss_for(network), learn_settings(settings), batch);
  const bool is_rounding = !settings.grids.empty();
  if (is_rounding) trainer.round_activations(settings.grids);
  const std::size_t count = network.parameters().size();
  // The weights that learn; a step that rounds sees them rounded.
  models::Floats weights(count + models::slack, 0.0F);
  std::ranges::copy(network.parameters(), weights.begin());
  Optimizer optimizer(learn_settings(settings), count);
  Shuffled shuffled(rows, batch, settings.seed);
  for (std::size_t step = 0; step < settings.steps; ++step) {
    shuffled.draw();
    std::copy_n(weights.begin(), count, trainer.network().parameters().begin());
    if (is_rounding) round_weights(trainer.network());
    const std::span<const float> gradient =
        trainer.gradient(shuffled.x(), {.labels = {}, .values = shuffled.targets()}, batch);
    const double done = static_cast<double>(step) / static_cast<double>(settings.steps);
    optimizer.scale_rate(static_cast<float>(std::cos(1.5707963267948966 * done)));
    optimizer.begin(1.0F);
    optimizer.apply(0, std::span(weights).first(count), gradient);
  }
  std::copy_n(weights.begin(), count, network.parameters().begin());
}

std::vector<float> answers(const models::Network& network, const FitRows& rows) {
  std::vector<float> all;
  all.reserve(rows.count() * network.outputs());
  models::Floats workspace(network.workspace_size(rows_at_once), 0.0F);
  for (std::size_t from = 0; from < rows.count(); from += rows_at_once) {
    const std::size_t count = std::min(rows_at_once, rows.count() - from);
    const std::span<const float> some = network.forward(
        std::span(rows.x).subspan(from * rows.inputs, count * rows.inputs), workspace, count);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

}  // namespace haltere::learner
