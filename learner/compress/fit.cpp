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
#include "models/weight_grid.hpp"

namespace haltere::learner {
namespace {

constexpr float weight_decay = 0.02F;
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

/// Puts weights on the grids that `models::quantize` would give them.
class WeightRounding {
 public:
  WeightRounding(const models::Network& network, std::size_t int4_from)
      : int4_from_(int4_from), scales_(network.layer_count()) {}

  /// What `step` sees. The grids of int4 layers are searched, which a step would take longer for
  /// than for its gradient: they stay for a while.
  void round(models::Network& network, std::size_t step) {
    for (std::size_t l = 0; l < scales_.size(); ++l) {
      const models::DenseLayer layer = network.layer(l);
      const int steps = models::weight_steps(layer, int4_from_);
      if (steps == models::int8_steps || step % steps_per_search == 0)
        scales_[l] = models::weight_grid(layer, steps);
      round_layer(network, l, steps);
    }
  }

  /// Leaves int4 layers on their grids: what is quantized then is what was trained.
  void settle(models::Network& network) {
    for (std::size_t l = 0; l < scales_.size(); ++l)
      if (models::weight_steps(network.layer(l), int4_from_) == models::int4_steps)
        round_layer(network, l, models::int4_steps);
  }

 private:
  static constexpr std::size_t steps_per_search = 32;

  void round_layer(models::Network& network, std::size_t l, int steps) const {
    const std::size_t outputs = network.layer(l).outputs;
    const std::size_t count = network.layer(l).weights.size();
    float* weights = network.parameters().data() + network.parameter_offset(l);
    for (std::size_t i = 0; i < count; ++i) {
      const float scale = scales_[l][i % outputs];
      if (scale > 0.0F) weights[i] = scale * models::steps_of(weights[i], scale, steps);
    }
  }

  std::size_t int4_from_;
  std::vector<std::vector<float>> scales_;  ///< [layers][outputs]
};

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
  WeightRounding rounding(network, settings.int4_from);
  for (std::size_t step = 0; step < settings.steps; ++step) {
    shuffled.draw();
    std::copy_n(weights.begin(), count, trainer.network().parameters().begin());
    if (is_rounding) rounding.round(trainer.network(), step);
    const std::span<const float> gradient =
        trainer.gradient(shuffled.x(), {.labels = {}, .values = shuffled.targets()}, batch);
    const double done = static_cast<double>(step) / static_cast<double>(settings.steps);
    optimizer.scale_rate(static_cast<float>(std::cos(1.5707963267948966 * done)));
    optimizer.begin(1.0F);
    optimizer.apply(0, std::span(weights).first(count), gradient);
  }
  std::copy_n(weights.begin(), count, network.parameters().begin());
  if (is_rounding) rounding.settle(network);
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
