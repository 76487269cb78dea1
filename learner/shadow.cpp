#include "learner/shadow.hpp"

#include <algorithm>

#include "learner/answer_loss.hpp"

namespace haltere::learner {

namespace {

constexpr std::size_t rows_remembered = 512;
constexpr double rows_of_judgement = 200.0;
constexpr std::uint64_t rows_before_judgement = 100;
/// It must leave this share of the other's loss at most: a new net knows less of all else.
constexpr double better_factor = 0.9;

bool is_wanted(const ModelSettings& settings) {
  return settings.learn.drift.reaction == DriftReaction::new_model;
}

models::Network fresh_network(const ModelSettings& settings, const models::Network& like) {
  std::vector<models::LayerShape> layers;
  for (std::size_t l = 0; l < like.layer_count(); ++l)
    layers.push_back({like.layer(l).outputs, like.layer(l).activation});
  // One that is not wanted takes no memory worth the name.
  if (!is_wanted(settings)) layers.assign(1, {1, models::Activation::linear});
  return models::Network::create(is_wanted(settings) ? like.inputs() : 1, layers,
                                 settings.learn.seed + 1000)
      .value();
}

LearnSettings all_layers(LearnSettings settings) {
  settings.frozen_layers = 0;
  return settings;
}

}  // namespace

Shadow::Shadow(const ModelSettings& settings, const models::Network& network)
    : task_(settings.task),
      wanted_(is_wanted(settings)),
      fresh_(fresh_network(settings, network), loss_of(settings), all_layers(settings.learn),
             is_wanted(settings) ? settings.learn.replay_rows : 1),
      trainer_(fresh_),
      recent_(is_wanted(settings) ? rows_remembered : 0, network.inputs(),
              std::max<std::size_t>(1, settings.labels.size()), settings.targets),
      random_(settings.learn.seed + 1001) {}

void Shadow::start() {
  if (!wanted_) return;
  alive_ = true;
  trainer_ = fresh_;
  recent_.clear();
  rows_ = 0;
  loss_ = other_loss_ = 0.0;
}

bool Shadow::observe(std::span<const float> answer, const Example& example, Batch& batch,
                     std::size_t steps) {
  if (!alive_) return false;
  const double share = 1.0 - 1.0 / rows_of_judgement;
  other_loss_ = other_loss_ * share + answer_loss(task_, answer, example, batch, batch);
  loss_ =
      loss_ * share + answer_loss(task_, trainer_.forward(batch.rows(), 1), example, batch, batch);
  const std::size_t rows = std::min(batch.capacity(), recent_.size() + 1);
  for (std::size_t i = 0; i < std::max<std::size_t>(1, steps); ++i) {
    for (std::size_t at = 1; at < rows; ++at)
      batch.place(at, recent_.example(random_.below(recent_.size())));
    trainer_.step(batch.rows(), batch.truth(), rows);
  }
  recent_.push(example);
  ++rows_;
  alive_ = rows_ < longest_life;
  return rows_ >= rows_before_judgement && loss_ < better_factor * other_loss_;
}

void Shadow::take_over(Trainer& trainer) {
  trainer = trainer_;
  alive_ = false;
}

void Shadow::exchange(Archive& archive) {
  if (!wanted_) return;
  archive.exchange(alive_);
  trainer_.exchange(archive);
  recent_.exchange(archive);
  archive.exchange(random_);
  archive.exchange(rows_);
  archive.exchange(loss_);
  archive.exchange(other_loss_);
}

}  // namespace haltere::learner
