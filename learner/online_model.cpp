#include "learner/online_model.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <string>
#include <utility>

#include "learner/archive.hpp"
#include "learner/online_normaliser.hpp"
#include "learner/quantile.hpp"
#include "learner/replay.hpp"
#include "learner/trainer.hpp"

namespace haltere::learner {

namespace {

/// After a drift, `raise_rate` multiplies the rate by this, and the surplus halves in as many rows.
constexpr float raised_rate = 4.0F;
constexpr float surplus_share_per_row = 0.9965F;  // halves in 200 rows
constexpr std::uint64_t past_weight_rows = 32;    ///< of normalisation, after its reset

/// Scores older than this many rows weigh less than half in the threshold.
constexpr double score_half_life = 1000.0;

Loss loss_of(const ModelSettings& settings) {
  if (settings.task != Task::classify) return {LossKind::squared, 0.0F};
  return {LossKind::cross_entropy, settings.learn.label_smoothing};
}

std::size_t outputs_of(const ModelSettings& settings, std::size_t inputs) {
  switch (settings.task) {
    case Task::classify: return settings.labels.size();
    case Task::regress: return 1;
    case Task::anomaly: return inputs;
  }
  return 1;
}

Result<models::Network> make_network(const ModelSettings& settings, std::size_t inputs) {
  std::vector<models::LayerShape> layers;
  for (const std::size_t units : settings.layers) layers.push_back({units, settings.activation});
  layers.push_back({outputs_of(settings, inputs), settings.task == Task::classify
                                                      ? models::Activation::softmax
                                                      : models::Activation::linear});
  return models::Network::create(inputs, layers, settings.learn.seed);
}

/// What a checkpoint must agree with; other settings may change between save and restore.
std::string identity_of(const ModelSettings& settings, std::size_t inputs) {
  std::string text(to_string(settings.task));
  text += ' ' + std::to_string(inputs) + ' ' + settings.input_identity;
  for (const std::size_t units : settings.layers) text += ' ' + std::to_string(units);
  text += ' ' + std::string(models::to_string(settings.activation));
  text += ' ' + std::string(to_string(settings.learn.optimizer));
  text += ' ' + std::to_string(settings.learn.replay);
  for (const std::string& label : settings.labels) text += '\n' + label;
  return text;
}

void exchange_identity(Archive& archive, const std::string& identity) {
  std::uint64_t size = identity.size();
  archive.exchange(size);
  if (size != identity.size()) return archive.fail();
  for (const char letter : identity) {
    auto byte = static_cast<std::uint8_t>(letter);
    archive.exchange(byte);
    if (byte != static_cast<std::uint8_t>(letter)) archive.fail();
  }
}

}  // namespace

struct OnlineModel::State {
  State(const ModelSettings& chosen, std::size_t input_count, models::Network network);

  float score_row();
  void fill_truth(std::size_t at, std::size_t label, float value);
  void corrupt(std::size_t at);
  void count(StepOutcome outcome);
  void step(std::size_t count_rows);
  void replay_step();
  void watch_error(double error);
  void react(DriftLevel level);
  void lower_rate();
  void exchange(Archive& archive);

  ModelSettings settings;
  std::string identity;
  std::size_t inputs;
  std::size_t replay_steps;
  OnlineNormaliser normaliser;
  OnlineNormaliser target_normaliser;
  Trainer trainer;
  Replay replay;
  models::Random random;
  FadingQuantile scores;
  float threshold = 0.0F;
  std::uint64_t abnormal_rows = 0;
  ClassMetrics class_metrics;
  RegressionMetrics regression_metrics;
  LearnCounters counters;
  DriftWatch drift;
  float rate_surplus = 0.0F;               ///< the rate is 1 + this times that of the settings
  std::vector<float> rows;                 ///< normalised rows of one step, [max_rows][inputs]
  std::vector<std::int32_t> truth_labels;  ///< [max_rows]
  std::vector<float> truth_values;         ///< [max_rows][outputs]
};

OnlineModel::State::State(const ModelSettings& chosen, std::size_t input_count,
                          models::Network network)
    : settings(chosen),
      identity(identity_of(chosen, input_count)),
      inputs(input_count),
      replay_steps(chosen.learn.replay > 0 ? chosen.learn.replay_steps : 0),
      normaliser(input_count, chosen.learn.memory),
      target_normaliser(1, chosen.learn.memory),
      trainer(std::move(network), loss_of(chosen), chosen.learn, chosen.learn.replay_rows),
      replay(chosen.learn.replay, input_count, std::max<std::size_t>(1, chosen.labels.size())),
      random(chosen.learn.seed + 1),
      scores(score_half_life),
      class_metrics(std::max<std::size_t>(1, chosen.labels.size())),
      drift(chosen.learn.drift, input_count),
      rows(chosen.learn.replay_rows * input_count, 0.0F),
      truth_labels(chosen.learn.replay_rows, 0),
      truth_values(chosen.learn.replay_rows * outputs_of(chosen, input_count), 0.0F) {}

/// Mean squared reconstruction error of the row that stands normalised in `rows`.
float OnlineModel::State::score_row() {
  const std::span<const float> outputs = trainer.forward(rows, 1);
  float sum = 0.0F;
  for (std::size_t i = 0; i < inputs; ++i) {
    const float error = outputs[i] - rows[i];
    sum += error * error;
  }
  return sum / static_cast<float>(inputs);
}

/// Sets the truth of row `at` of a step, whose features already stand normalised in `rows`.
void OnlineModel::State::fill_truth(std::size_t at, std::size_t label, float value) {
  switch (settings.task) {
    case Task::classify: truth_labels[at] = static_cast<std::int32_t>(label); return;
    case Task::regress:
      target_normaliser.apply({&value, 1}, std::span(truth_values).subspan(at, 1));
      return;
    case Task::anomaly:
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(at * inputs), inputs,
                  truth_values.begin() + static_cast<std::ptrdiff_t>(at * inputs));
      return;
  }
}

void OnlineModel::State::count(StepOutcome outcome) {
  if (outcome == StepOutcome::clipped) ++counters.clipped;
  if (outcome == StepOutcome::skipped) ++counters.skipped_steps;
}

void OnlineModel::State::step(std::size_t count_rows) {
  count(trainer.step(rows, {truth_labels, truth_values}, count_rows));
}

/// Puts nonsense in place of one feature of row `at`, whose truth is known already: a denoising
/// autoencoder (Vincent et al., ICML 2008). One that sees normal rows alone may pass a feature
/// straight through, and then reconstructs any value of it, however abnormal.
void OnlineModel::State::corrupt(std::size_t at) {
  rows[at * inputs + random.below(inputs)] = normalised_limit * random.symmetric();
}

/// One step on the new row, which stands first in `rows`, together with remembered ones.
void OnlineModel::State::replay_step() {
  const std::size_t count_rows = std::min(settings.learn.replay_rows, replay.size() + 1);
  for (std::size_t at = 1; at < count_rows; ++at) {
    const std::size_t index = random.below(replay.size());
    normaliser.apply(replay.row(index), std::span(rows).subspan(at * inputs, inputs));
    fill_truth(at, replay.label(index), replay.value(index));
    if (settings.task == Task::anomaly && at % 2 == 1) corrupt(at);
  }
  step(count_rows);
}

/// Shows the error of the newest answer, in 0..1, to the drift detector.
void OnlineModel::State::watch_error(double error) {
  react(drift.add_error(error, counters.predicted + counters.rejected));
}

void OnlineModel::State::react(DriftLevel level) {
  if (level != DriftLevel::drift) return;
  switch (settings.learn.drift.reaction) {
    case DriftReaction::alarm: return;
    case DriftReaction::raise_rate: rate_surplus = raised_rate - 1.0F; return;
    case DriftReaction::reset_normalisation:
      normaliser.weigh_past_as(past_weight_rows);
      target_normaliser.weigh_past_as(past_weight_rows);
      return;
    case DriftReaction::refill_replay: replay.clear(); return;
  }
}

/// Sets this row's rate, and lets what a drift added to it fade.
void OnlineModel::State::lower_rate() {
  trainer.scale_rate(1.0F + rate_surplus);
  rate_surplus = rate_surplus > 0.01F ? rate_surplus * surplus_share_per_row : 0.0F;
}

void OnlineModel::State::exchange(Archive& archive) {
  exchange_identity(archive, identity);
  normaliser.exchange(archive);
  target_normaliser.exchange(archive);
  trainer.exchange(archive);
  replay.exchange(archive);
  archive.exchange(random);
  scores.exchange(archive);
  archive.exchange(threshold);
  archive.exchange(abnormal_rows);
  class_metrics.exchange(archive);
  regression_metrics.exchange(archive);
  archive.exchange(counters.predicted);
  archive.exchange(counters.learned);
  archive.exchange(counters.rejected);
  archive.exchange(counters.refused);
  archive.exchange(counters.clipped);
  archive.exchange(counters.skipped_steps);
  archive.exchange(rate_surplus);
  drift.exchange(archive);
}

Result<OnlineModel> OnlineModel::create(const ModelSettings& settings, std::size_t inputs) {
  if (const Status checked = check(settings); !checked) return checked.error();
  Result<models::Network> network = make_network(settings, inputs);
  if (!network) return network.error();
  return OnlineModel(std::make_unique<State>(settings, inputs, std::move(network).value()));
}

OnlineModel::OnlineModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
OnlineModel::OnlineModel(OnlineModel&&) noexcept = default;
OnlineModel& OnlineModel::operator=(OnlineModel&&) noexcept = default;
OnlineModel::~OnlineModel() = default;

Prediction OnlineModel::predict(std::span<const float> row) {
  State& state = *state_;
  assert(row.size() == state.inputs);
  Prediction prediction;
  if (!is_usable(row)) {
    ++state.counters.rejected;
    return prediction;
  }
  ++state.counters.predicted;
  prediction.valid = true;
  state.normaliser.apply(row, std::span(state.rows).first(state.inputs));
  if (state.settings.task == Task::anomaly) {
    prediction.value = state.score_row();
    prediction.abnormal = prediction.value > state.threshold;
    return prediction;
  }
  const std::span<const float> outputs = state.trainer.forward(state.rows, 1);
  if (state.settings.task == Task::regress) {
    prediction.value = outputs[0] * target_deviation() + target_mean();
    return prediction;
  }
  const auto best = std::ranges::max_element(outputs);
  prediction.label = static_cast<int>(best - outputs.begin());
  prediction.confidence = *best;
  return prediction;
}

void OnlineModel::score(const Prediction& prediction, const Target& target) {
  State& state = *state_;
  if (!prediction.valid) return;
  const auto answer = static_cast<double>(prediction.value);
  switch (state.settings.task) {
    case Task::classify:
      if (target.label < 0 ||
          static_cast<std::size_t>(target.label) >= state.settings.labels.size())
        return;
      state.class_metrics.add(static_cast<std::size_t>(target.label),
                              static_cast<std::size_t>(prediction.label), prediction.confidence);
      return state.watch_error(prediction.label == target.label ? 0.0 : 1.0);
    case Task::regress: {
      if (!is_usable({&target.value, 1})) return;
      state.regression_metrics.add(static_cast<double>(target.value), answer);
      const double error = std::abs(answer - static_cast<double>(target.value));
      return state.watch_error(error / (error + static_cast<double>(target_deviation())));
    }
    case Task::anomaly:
      state.abnormal_rows += prediction.abnormal ? 1U : 0U;
      return state.watch_error(answer / (answer + 1.0));
  }
}

void OnlineModel::learn(std::span<const float> row, const Target& target) {
  State& state = *state_;
  assert(row.size() == state.inputs);
  if (!is_learnable(row, target)) {
    ++state.counters.refused;
    return;
  }
  const auto label =
      static_cast<std::size_t>(state.settings.task == Task::classify ? target.label : 0);
  ++state.counters.learned;
  state.react(state.drift.add_inputs(row, state.counters.predicted + state.counters.rejected));
  state.lower_rate();
  state.normaliser.update(row);
  if (state.settings.task == Task::regress) state.target_normaliser.update({&target.value, 1});
  state.normaliser.apply(row, std::span(state.rows).first(state.inputs));
  if (state.settings.task == Task::anomaly) {
    state.scores.add(state.score_row());
    state.threshold = state.scores.at(state.settings.quantile);
  }
  state.fill_truth(0, label, target.value);
  if (state.replay_steps == 0) state.step(1);
  for (std::size_t i = 0; i < state.replay_steps; ++i) state.replay_step();
  state.replay.offer(row, label, target.value, state.random);
}

bool OnlineModel::is_learnable(std::span<const float> row, const Target& target) const {
  if (!is_usable(row)) return false;
  switch (settings().task) {
    case Task::classify:
      return target.label >= 0 && static_cast<std::size_t>(target.label) < settings().labels.size();
    case Task::regress: return is_usable({&target.value, 1});
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
}

const ModelSettings& OnlineModel::settings() const { return state_->settings; }
std::size_t OnlineModel::inputs() const { return state_->inputs; }
const LearnCounters& OnlineModel::counters() const { return state_->counters; }
const ClassMetrics& OnlineModel::class_metrics() const { return state_->class_metrics; }
const RegressionMetrics& OnlineModel::regression_metrics() const {
  return state_->regression_metrics;
}
std::uint64_t OnlineModel::abnormal_rows() const { return state_->abnormal_rows; }
const DriftWatch& OnlineModel::drift() const { return state_->drift; }
const models::Network& OnlineModel::network() const { return state_->trainer.network(); }
std::span<const float> OnlineModel::input_mean() const { return state_->normaliser.mean(); }
std::span<const float> OnlineModel::input_deviation() const {
  return state_->normaliser.deviation();
}
float OnlineModel::target_mean() const {
  return settings().task == Task::regress ? state_->target_normaliser.mean()[0] : 0.0F;
}
float OnlineModel::target_deviation() const {
  return settings().task == Task::regress ? state_->target_normaliser.deviation()[0] : 1.0F;
}
float OnlineModel::threshold() const { return state_->threshold; }

float OnlineModel::reconstruction_score(std::span<const float> row) const {
  state_->normaliser.apply(row, std::span(state_->rows).first(state_->inputs));
  return state_->score_row();
}

OnlineModel::Rows OnlineModel::remembered_rows() const {
  const Replay& replay = state_->replay;
  Rows rows;
  rows.count = replay.size();
  for (std::size_t index = 0; index < replay.size(); ++index) {
    const std::span<const float> row = replay.row(index);
    rows.values.insert(rows.values.end(), row.begin(), row.end());
    rows.targets.push_back({static_cast<int>(replay.label(index)), replay.value(index)});
  }
  return rows;
}

std::vector<std::uint8_t> OnlineModel::save() const {
  Archive archive;
  state_->exchange(archive);
  return wrap_checkpoint(archive.bytes());
}

Status OnlineModel::restore(std::span<const std::uint8_t> bytes) {
  const Result<std::span<const std::uint8_t>> payload = unwrap_checkpoint(bytes);
  if (!payload) return payload.error();
  Result<models::Network> network = make_network(state_->settings, state_->inputs);
  if (!network) return network.error();
  auto restored =
      std::make_unique<State>(state_->settings, state_->inputs, std::move(network).value());
  Archive identity(*payload);
  exchange_identity(identity, restored->identity);
  if (identity.failed())
    return Error{ErrorKind::invalid,
                 "the checkpoint is of a model with other inputs, labels, layers or optimizer"};
  Archive archive(*payload);
  restored->exchange(archive);
  if (!archive.exhausted())
    return Error{ErrorKind::corrupt, "the checkpoint's content is not complete"};
  restored->replay_steps = state_->replay_steps;
  state_ = std::move(restored);
  return {};
}

}  // namespace haltere::learner
