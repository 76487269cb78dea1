#include "learner/followers.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/network.hpp"

namespace haltere::learner {

namespace {

/// What makes a follower. Plain gradient descent, which keeps no averages of the past, at rates
/// that learn a change within some tens of rows.
struct Kind {
  float rate;
  bool replays;
};
constexpr std::array kinds{Kind{0.05F, true}, Kind{0.02F, true}, Kind{0.05F, false},
                           Kind{0.02F, false}};

/// Rows that the replaying ones learn again.
constexpr std::size_t most_recent = 512;

/// Rows over which a loss fades to a third: long enough to tell nets apart, short enough to follow.
constexpr double rows_of_judgement = 200.0;
/// How much a unit of loss counts; below the 0.5 and 1 that the theory allows for losses of
/// normalised values and of probabilities, since losses of neighbouring rows are not independent.
constexpr double sharpness = 0.3;
/// No row tells more than this of a net.
constexpr float largest_loss = 4.0F;

LearnSettings follower_settings(const LearnSettings& learn, float rate) {
  LearnSettings settings = learn;
  settings.optimizer = OptimizerKind::sgd;
  settings.rate = rate;
  settings.momentum = 0.0F;
  settings.weight_decay = 0.0F;
  settings.dropout = 0.0F;
  return settings;
}

Loss follower_loss(const ModelSettings& settings) {
  Loss loss = loss_of(settings);
  loss.label_smoothing = 0.0F;
  return loss;
}

models::Network like(const models::Network& steady, std::uint64_t seed) {
  std::vector<models::LayerShape> layers;
  for (std::size_t l = 0; l < steady.layer_count(); ++l)
    layers.push_back({steady.layer(l).outputs, steady.layer(l).activation});
  return models::Network::create(steady.inputs(), layers, seed).value();
}

/// An anomaly model has no truth to be judged by, and a quantile is not judged by squared losses.
bool is_followed(const ModelSettings& settings) {
  if (settings.task == Task::regress && settings.learn.loss == LossKind::quantile) return false;
  return settings.learn.followers && settings.task != Task::anomaly;
}

bool is_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

}  // namespace

Followers::Followers(const ModelSettings& settings, const models::Network& steady)
    : task_(settings.task),
      judged_(settings.task == Task::regress ? settings.targets : steady.outputs()),
      recent_(is_followed(settings) ? std::min(settings.learn.replay, most_recent) : 0,
              steady.inputs(), std::max<std::size_t>(1, settings.labels.size()), settings.targets),
      random_(settings.learn.seed + 2),
      mixture_(steady.outputs(), 0.0F) {
  if (!is_followed(settings)) return;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    nets_.push_back(
        {Trainer(like(steady, settings.learn.seed + 3 + i), follower_loss(settings),
                 follower_settings(settings.learn, kinds[i].rate), settings.learn.replay_rows),
         kinds[i].replays});
  losses_.assign(nets_.size() + 1, 0.0);
  weights_.assign(nets_.size() + 1, 1.0F / static_cast<float>(nets_.size() + 1));
}

std::span<const float> Followers::mix(std::span<const float> steady, std::span<const float> x,
                                      std::uint64_t unlearned) {
  if (nets_.empty() || unlearned >= longest_trust) return steady;
  const float trust = 1.0F - static_cast<float>(unlearned) / static_cast<float>(longest_trust);
  std::ranges::copy(steady, mixture_.begin());
  for (std::size_t n = 0; n < nets_.size(); ++n) {
    const std::span<const float> answer = nets_[n].trainer.forward(x, 1);
    if (!is_finite(answer)) continue;
    const float weight = trust * weights_[n + 1];
    for (std::size_t i = 0; i < mixture_.size(); ++i)
      mixture_[i] += weight * (answer[i] - steady[i]);
  }
  return mixture_;
}

/// Squared distance of an answer from the truth in one row; of a regression's targets alone, not
/// of their intervals, and on average, so that their number does not sharpen the judgement.
float Followers::loss_of(std::span<const float> answer, const Truth& truth) const {
  float sum = 0.0F;
  for (std::size_t i = 0; i < judged_; ++i) {
    const float wanted = task_ == Task::regress                           ? truth.values[i]
                         : static_cast<std::size_t>(truth.labels[0]) == i ? 1.0F
                                                                          : 0.0F;
    sum += (answer[i] - wanted) * (answer[i] - wanted);
  }
  if (task_ == Task::regress) sum /= static_cast<float>(judged_);
  return std::isfinite(sum) ? std::min(sum, largest_loss) : largest_loss;
}

void Followers::judge(std::size_t index, std::span<const float> answer, const Truth& truth) {
  losses_[index] = losses_[index] * (1.0 - 1.0 / rows_of_judgement) +
                   static_cast<double>(loss_of(answer, truth));
}

void Followers::judge(std::span<const float> steady, std::span<const float> x, const Truth& truth) {
  if (nets_.empty()) return;
  judge(0, steady, truth);
  for (std::size_t n = 0; n < nets_.size(); ++n)
    judge(n + 1, nets_[n].trainer.forward(x, 1), truth);
  for (std::size_t i = 0; i < weights_.size(); ++i)
    weights_[i] = static_cast<float>(-sharpness * losses_[i]);
  models::activate(models::Activation::softmax, weights_);
}

/// One step on the new row, together with recent ones for a net that replays.
StepOutcome Followers::step(Net& net, Batch& batch) {
  const std::size_t rows = net.replays ? std::min(batch.capacity(), recent_.size() + 1) : 1;
  for (std::size_t at = 1; at < rows; ++at)
    batch.place(at, recent_.example(random_.below(recent_.size())));
  return net.trainer.step(batch.rows(), batch.truth(), rows);
}

void Followers::learn(Batch& batch, const Example& example, std::size_t steps,
                      const models::Network& steady) {
  for (Net& net : nets_) {
    const std::size_t all_steps = net.replays ? steps : steps + 1;
    for (std::size_t i = 0; i < all_steps; ++i)
      if (step(net, batch) == StepOutcome::skipped)
        std::ranges::copy(steady.parameters(), net.trainer.network().parameters().begin());
  }
  recent_.push(example);
}

void Followers::begin_with(const models::Network& steady) {
  for (Net& net : nets_)
    std::ranges::copy(steady.parameters(), net.trainer.network().parameters().begin());
}

void Followers::widen_from(Followers&& narrow) {
  for (std::size_t n = 0; n < nets_.size(); ++n)
    nets_[n].trainer.widen_from(narrow.nets_[n].trainer);
  recent_ = std::move(narrow.recent_);
  recent_.add_class();
  random_ = narrow.random_;
  losses_ = std::move(narrow.losses_);
  weights_ = std::move(narrow.weights_);
}

void Followers::exchange(Archive& archive) {
  for (Net& net : nets_) net.trainer.exchange(archive);
  recent_.exchange(archive);
  archive.exchange(random_);
  archive.exchange(std::span(losses_));
  archive.exchange(std::span(weights_));
}

}  // namespace haltere::learner
