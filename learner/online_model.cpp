#include "learner/online_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "learner/archive.hpp"
#include "learner/online_model_state.hpp"
#include "learner/online_normaliser.hpp"

namespace haltere::learner {

namespace {

/// Whether a model of these settings may have `labels` by now: those it began with, and new ones.
bool may_grow_to(const ModelSettings& settings, const std::vector<std::string>& labels) {
  const std::size_t first = settings.labels.size();
  if (labels.size() < first || (labels.size() > first && !settings.learn.new_labels)) return false;
  return std::equal(settings.labels.begin(), settings.labels.end(), labels.begin());
}

}  // namespace

OnlineModel::OnlineModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnlineModel::OnlineModel(OnlineModel&&) noexcept = default;
OnlineModel& OnlineModel::operator=(OnlineModel&&) noexcept = default;
OnlineModel::~OnlineModel() = default;

Prediction OnlineModel::predict(std::span<const float> row) {
  return predict(row, state_->followers.any());
}

Prediction OnlineModel::predict_steady(std::span<const float> row) { return predict(row, false); }

Prediction OnlineModel::predict(std::span<const float> row, bool followed) {
  State& state = *state_;
  assert(row.size() == state.inputs);
  if (!is_usable(row)) {
    ++state.counters.rejected;
    return {};
  }
  ++state.counters.predicted;
  state.batch.place(0, row);
  if (state.judge) return state.judge_row(row);
  const std::span<const float> outputs = state.answer();
  const Prediction steady = state.steady_prediction(outputs);
  state.counters.unknown += steady.unknown ? 1U : 0U;
  if (!followed) return steady;
  Prediction prediction =
      state.prediction_of(state.followers.mix(outputs, state.batch.rows(), state.unlearned++));
  prediction.unknown = steady.unknown;
  prediction.steady_label = steady.label;
  prediction.steady_value = steady.value;
  return prediction;
}

Prediction OnlineModel::ask(std::span<const float> row) const {
  assert(row.size() == state_->inputs);
  if (!is_usable(row)) return {};
  state_->batch.place(0, row);
  return state_->judge ? state_->judge_row(row) : state_->steady_prediction(state_->answer());
}

std::span<const float> OnlineModel::outputs(std::span<const float> row) const {
  state_->batch.place(0, row);
  return state_->answer();
}

void OnlineModel::score(const Prediction& prediction, const Target& target) {
  State& state = *state_;
  if (!prediction.valid) return;
  const auto steady = static_cast<double>(prediction.steady_value);
  switch (state.settings.task) {
    case Task::classify:
      if (target.label < 0 ||
          static_cast<std::size_t>(target.label) >= state.settings.labels.size())
        return;
      state.class_metrics.add(static_cast<std::size_t>(target.label),
                              static_cast<std::size_t>(prediction.label), prediction.confidence);
      return state.watch_error(prediction.steady_label == target.label ? 0.0 : 1.0);
    case Task::regress: {
      if (!state.has_targets(target)) return;
      state.score_values(prediction, target);
      const double error = std::abs(steady - static_cast<double>(target.value));
      return state.watch_error(error / (error + static_cast<double>(target_deviation()[0])));
    }
    case Task::anomaly:
      state.abnormal_rows += prediction.abnormal ? 1U : 0U;
      return state.watch_error(steady / (steady + 1.0));
  }
}

void OnlineModel::learn(std::span<const float> row, const Target& target) {
  State& state = *state_;
  assert(row.size() == state.inputs);
  if (!is_learnable(row, target)) {
    ++state.counters.refused;
    return;
  }
  const Example example{
      row, static_cast<std::size_t>(state.settings.task == Task::classify ? target.label : 0),
      target.value, std::span(target.others).first(state.settings.targets - 1)};
  state.react(state.drift.add_inputs(row, state.counters.predicted + state.counters.rejected));
  state.batch.place(0, example);
  if (state.judge && state.is_guarded(row, target)) return;
  ++state.counters.learned;
  state.unlearned = 0;
  state.may_guess = true;
  const std::span<const float> answer = state.check_weights(example);
  state.count_round(answer, example);
  state.learn_familiarity(answer, example);
  if (state.teacher) state.teacher->judge(answer, example, state.batch);
  state.followers.judge(answer, state.batch.rows(), state.batch.truth());
  if (state.shadow.observe(answer, example, state.batch, state.replay_steps)) {
    state.shadow.take_over(state.trainer);
    state.last_good.renew(state.batch, state.trainer);
    ++state.counters.replaced;
  }
  state.lower_rate();
  state.batch.take_in(example);
  state.batch.place(0, example);
  if (state.replay_steps == 0) state.step(1);
  for (std::size_t i = 0; i < state.replay_steps; ++i) state.replay_step();
  const LearnSettings& learning = state.settings.learn;
  if (learning.anchor > 0.0F)
    state.trainer.pull(state.last_good.parameters(), learning.rate * learning.anchor);
  state.followers.learn(state.batch, example, state.replay_steps, state.trainer.network());
  state.replay.offer(example, state.random, state.counters.learned);
  learn_rivals(row, target);
}

bool OnlineModel::withdraw(std::uint64_t number) {
  for (OnlineModel& rival : rivals_) rival.state_->replay.withdraw(number);
  return state_->replay.withdraw(number);
}

Status OnlineModel::add_label(const std::string& label) {
  ModelSettings wider = settings();
  if (wider.task != Task::classify || !wider.learn.new_labels)
    return Error{ErrorKind::refused, "this model takes no new labels (new_labels)"};
  if (std::ranges::find(wider.labels, label) != wider.labels.end())
    return Error{ErrorKind::refused, "the label '" + label + "' is there already"};
  wider.labels.push_back(label);
  if (const Status checked = check(wider); !checked) return checked.error();
  Result<models::Network> network = make_network(wider, inputs());
  if (!network) return network.error();
  auto state = std::make_unique<State>(wider, inputs(), std::move(network).value());
  state->widen_from(std::move(*state_));
  state_ = std::move(state);
  for (OnlineModel& rival : rivals_)
    if (const Status added = rival.add_label(label); !added) return added;
  return {};
}

bool OnlineModel::is_learnable(std::span<const float> row, const Target& target) const {
  if (!is_usable(row)) return false;
  switch (settings().task) {
    case Task::classify:
      return target.label >= 0 && static_cast<std::size_t>(target.label) < settings().labels.size();
    case Task::regress: return state_->has_targets(target);
    case Task::anomaly: return target.label != 1;
  }
  return false;
}

Prediction OnlineModel::observe(std::span<const float> row, const Target& target) {
  const Prediction prediction = predict(row);
  score(prediction, target);
  learn(row, target);
  return prediction;
}

void OnlineModel::set_replay_steps(std::size_t steps) {
  const std::size_t most = state_->settings.learn.replay > 0 ? settings().learn.replay_steps : 0;
  state_->replay_steps = std::min(steps, most);
  for (OnlineModel& rival : rivals_) rival.set_replay_steps(steps);
}

const ModelSettings& OnlineModel::settings() const { return state_->settings; }
std::size_t OnlineModel::inputs() const { return state_->inputs; }
const LearnCounters& OnlineModel::counters() const { return state_->counters; }
const ClassMetrics& OnlineModel::class_metrics() const { return state_->class_metrics; }
const RegressionMetrics& OnlineModel::regression_metrics(std::size_t target) const {
  return state_->regression_metrics[target];
}
const IntervalMetrics& OnlineModel::interval_metrics(std::size_t target) const {
  return state_->interval_metrics[target];
}
std::uint64_t OnlineModel::abnormal_rows() const { return state_->abnormal_rows; }
float OnlineModel::least_confidence() const { return state_->familiarity.least_confidence(); }
const DriftWatch& OnlineModel::drift() const { return state_->drift; }
std::span<const float> OnlineModel::weights() const { return state_->followers.weights(); }
const models::Network& OnlineModel::network() const { return state_->trainer.network(); }
std::span<const float> OnlineModel::input_mean() const { return state_->batch.features().mean(); }
std::span<const float> OnlineModel::input_deviation() const {
  return state_->batch.features().deviation();
}
std::span<const float> OnlineModel::target_mean() const { return state_->batch.target().mean(); }
float OnlineModel::interval_margin(std::size_t target) const { return state_->margin.of(target); }
std::span<const float> OnlineModel::target_deviation() const {
  return state_->batch.target().deviation();
}
float OnlineModel::threshold() const {
  return state_->judge ? state_->judge->threshold(AnomalyScorer::reconstruction) : 0.0F;
}

float OnlineModel::reconstruction_score(std::span<const float> row) const {
  state_->batch.place(0, row);
  return state_->score_row();
}

void OnlineModel::explain_anomaly(std::span<const float> row, std::span<float> shares) const {
  State& state = *state_;
  assert(state.judge && row.size() == state.inputs && shares.size() == state.inputs);
  const std::span<const float> reconstructed = outputs(row);
  for (std::size_t i = 0; i < state.inputs; ++i) {
    const float error = reconstructed[i] - state.batch.rows()[i];
    state.row_errors[i] = error * error;
  }
  state.judge->explain(row, state.row_errors, shares);
}

OnlineModel::Rows OnlineModel::remembered_rows() const {
  const Replay& replay = state_->replay;
  Rows rows;
  rows.count = replay.size();
  for (std::size_t index = 0; index < replay.size(); ++index) {
    const std::span<const float> row = replay.row(index);
    rows.values.insert(rows.values.end(), row.begin(), row.end());
    rows.targets.push_back({static_cast<int>(replay.label(index)), replay.value(index)});
    std::ranges::copy(replay.example(index).others, rows.targets.back().others.begin());
  }
  return rows;
}

std::vector<std::uint8_t> OnlineModel::save() const {
  Archive archive;
  std::vector<std::uint8_t> state = state_->archived();
  archive.exchange(state);
  const_cast<OnlineModel*>(this)->exchange_rivals(archive);  // writing, it changes nothing
  return wrap_checkpoint(archive.bytes());
}

/// A state like `like` as `archived` gave it. Errors: corrupt, invalid.
Result<std::unique_ptr<OnlineModel::State>> OnlineModel::read_state(
    std::span<const std::uint8_t> bytes, const State& like) {
  ModelSettings settings = like.settings;
  Archive identity(bytes);
  exchange_identity(identity, like.identity);
  if (!identity.failed()) exchange_shape(identity, settings);
  if (!identity.failed() && !may_grow_to(like.settings, settings.labels)) identity.fail();
  if (identity.failed())
    return Error{ErrorKind::invalid,
                 "the checkpoint is of a model with other inputs, labels, layers or optimizer"};
  Result<models::Network> network = make_network(settings, like.inputs);
  if (!network) return network.error();
  auto state = std::make_unique<State>(settings, like.inputs, std::move(network).value());
  Archive archive(bytes);
  state->exchange(archive);
  if (!archive.exhausted())
    return Error{ErrorKind::corrupt, "the checkpoint's content is not complete"};
  state->replay_steps = like.replay_steps;
  return state;
}

Status OnlineModel::restore(std::span<const std::uint8_t> bytes) {
  const Result<std::span<const std::uint8_t>> payload = unwrap_checkpoint(bytes);
  if (!payload) return payload.error();
  Archive archive(*payload);
  std::vector<std::uint8_t> own;
  archive.exchange(own);
  if (archive.failed())
    return Error{ErrorKind::corrupt, "the checkpoint's content is not complete"};
  Result<std::unique_ptr<State>> state = read_state(own, *state_);
  if (!state) return state.error();
  Result<OnlineModel> restored = create(state_->settings, state_->inputs);
  if (!restored) return restored.error();
  restored->state_ = std::move(state).value();
  restored->exchange_rivals(archive);
  if (!archive.exhausted())
    return Error{ErrorKind::corrupt, "the checkpoint's content is not complete"};
  *this = std::move(restored).value();
  return {};
}

}  // namespace haltere::learner
