// Choosing among several shapes and rates: successive halving (Jamieson and Talwalkar,
// "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016) by
// prequential loss. All candidates learn every row; after each round the worse half ends.

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "learner/online_model.hpp"
#include "learner/online_model_state.hpp"

namespace haltere::learner {

namespace {

/// Learned rows at which a round ends.
constexpr std::array<std::uint64_t, 3> rounds{256, 512, 1024};

}  // namespace

Result<OnlineModel> OnlineModel::create(const ModelSettings& settings, std::size_t inputs) {
  if (const Status checked = check(settings); !checked) return checked.error();
  std::vector<OnlineModel> models;
  for (const ModelSettings& candidate : candidates_of(settings)) {
    Result<models::Network> network = make_network(candidate, inputs);
    if (!network) return network.error();
    models.push_back(
        OnlineModel(std::make_unique<State>(candidate, inputs, std::move(network).value())));
  }
  OnlineModel model = std::move(models.front());
  model.rivals_.assign(std::make_move_iterator(models.begin() + 1),
                       std::make_move_iterator(models.end()));
  if (model.rivals_.empty()) return model;
  model.tried_.push_back({.layers = model.settings().layers, .rate = model.settings().learn.rate});
  for (const OnlineModel& rival : model.rivals_)
    model.tried_.push_back(
        {.layers = rival.settings().layers, .rate = rival.settings().learn.rate});
  return model;
}

/// Lets the rivals learn a row that this model has learned, and ends the round if it is over.
void OnlineModel::learn_rivals(std::span<const float> row, const Target& target) {
  if (rivals_.empty()) return;
  for (OnlineModel& rival : rivals_) rival.learn(row, target);
  if (std::ranges::find(rounds, counters().learned) != rounds.end()) end_round();
}

/// Takes the best candidate as the one that answers, and lets go of the worse half; of all others
/// after the last round.
void OnlineModel::end_round() {
  const std::size_t alive = rivals_.size() + 1;
  for (std::size_t i = 0; i < alive; ++i) {
    State& state = i == 0 ? *state_ : *rivals_[i - 1].state_;
    tried_[i].loss = state.round_loss / std::max(1.0, state.round_rows);
    tried_[i].rows = counters().learned;
    state.round_loss = state.round_rows = 0.0;
  }
  // Sorts the candidates and what is noted of them alike, the best first.
  for (std::size_t i = 0; i < alive; ++i)
    for (std::size_t j = i + 1; j < alive; ++j)
      if (tried_[j].loss < tried_[i].loss) exchange_places(i, j);
  const bool last = counters().learned == rounds.back();
  const std::size_t kept = last ? 1 : (alive + 1) / 2;
  for (std::size_t i = kept; i < alive; ++i) tried_[i].alive = false;
  rivals_.erase(rivals_.begin() + static_cast<std::ptrdiff_t>(kept - 1), rivals_.end());
}

/// Exchanges candidates `i` and `j`, 0 being this model. What was answered so far stays this
/// model's, whichever net goes on answering.
void OnlineModel::exchange_places(std::size_t i, std::size_t j) {
  std::swap(tried_[i], tried_[j]);
  std::unique_ptr<State>& first = i == 0 ? state_ : rivals_[i - 1].state_;
  std::unique_ptr<State>& second = rivals_[j - 1].state_;
  first.swap(second);
  if (i != 0) return;
  std::swap(first->class_metrics, second->class_metrics);
  std::swap(first->regression_metrics, second->regression_metrics);
  std::swap(first->interval_metrics, second->interval_metrics);
  std::swap(first->counters, second->counters);
  std::swap(first->drift, second->drift);
}

void OnlineModel::exchange_rivals(Archive& archive) {
  std::uint64_t count = rivals_.size();
  archive.exchange(count);
  if (count > rivals_.size()) return archive.fail();
  rivals_.erase(rivals_.begin() + static_cast<std::ptrdiff_t>(count), rivals_.end());
  for (OnlineModel& rival : rivals_) {
    std::vector<std::uint8_t> bytes;
    if (!archive.reading()) bytes = rival.state_->archived();
    archive.exchange(bytes);
    if (!archive.reading() || archive.failed()) continue;
    Result<std::unique_ptr<State>> state = read_state(bytes, *state_);
    if (!state) return archive.fail();
    rival.state_ = std::move(state).value();
  }
  std::uint64_t tried = tried_.size();
  archive.exchange(tried);
  if (tried != tried_.size()) return archive.fail();
  for (Tried& one : tried_) {
    exchange_layers(archive, one.layers);
    archive.exchange(one.rate);
    archive.exchange(one.loss);
    archive.exchange(one.rows);
    archive.exchange(one.alive);
  }
}

}  // namespace haltere::learner
