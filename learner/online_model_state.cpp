#include "learner/online_model_state.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "learner/answer_loss.hpp"

namespace haltere::learner {

namespace {

/// After a drift, `raise_rate` multiplies the rate by this, and the surplus halves in as many rows.
constexpr float raised_rate = 4.0F;
constexpr float surplus_share_per_row = 0.9965F;  // halves in 200 rows
/// A net that diverges halves its rate, down to this share of the settings'.
constexpr float least_damping = 1.0F / 64.0F;
constexpr std::uint64_t past_weight_rows = 32;  ///< of normalisation, after its reset

/// Rows over which a falling rate comes down to 0.7 of itself, and where it stops falling: there it
/// still follows a change within some thousand rows.
constexpr float rows_at_full_rate = 2000.0F;
constexpr float least_rate_share = 0.1F;

std::size_t outputs_of(const ModelSettings& settings, std::size_t inputs) {
  switch (settings.task) {
    case Task::classify: return settings.labels.size();
    case Task::regress: return values_of(settings);
    case Task::anomaly: return inputs;
  }
  return 1;
}

std::optional<AnomalyJudge> make_judge(const ModelSettings& settings, std::size_t inputs) {
  if (settings.task != Task::anomaly) return std::nullopt;
  return AnomalyJudge(inputs, {.false_alarm_rate = settings.false_alarm_rate,
                               .learn_normal = settings.learn_normal,
                               .memory = settings.learn.memory});
}

/// What a checkpoint must agree with; other settings may change between save and restore.
std::string identity_of(const ModelSettings& settings, std::size_t inputs) {
  std::string text(to_string(settings.task));
  text += ' ' + std::to_string(inputs) + ' ' + settings.input_identity;
  if (settings.auto_layers) text += " auto";
  if (settings.learn.auto_rate) text += " at any rate";
  for (const std::size_t units : settings.layers)
    if (!settings.auto_layers) text += ' ' + std::to_string(units);
  if (settings.learn.roll_back) text += " guarded";
  text += ' ' + std::string(models::to_string(settings.activation));
  text += ' ' + std::string(to_string(settings.learn.optimizer));
  text += ' ' + std::to_string(replay_rows_of(settings.learn, inputs));
  if (settings.learn.replay_format == RowFormat::int8) text += " in int8";
  if (settings.learn.followers) text += " followed";
  if (!settings.learn.teacher.empty()) text += " taught by";
  for (const std::size_t units : settings.learn.teacher) text += ' ' + std::to_string(units);
  if (settings.learn.unknown > 0.0) text += " tells the unknown";
  if (settings.learn.drift.reaction == DriftReaction::new_model) text += " shadowed";
  if (settings.task == Task::regress) text += " values " + std::to_string(values_of(settings));
  return text;
}

}  // namespace

Result<models::Network> make_network(const ModelSettings& settings, std::size_t inputs) {
  std::vector<models::LayerShape> layers;
  for (const std::size_t units : settings.layers) layers.push_back({units, settings.activation});
  layers.push_back({outputs_of(settings, inputs), settings.task == Task::classify
                                                      ? models::Activation::softmax
                                                      : models::Activation::linear});
  return models::Network::create(inputs, layers, settings.learn.seed);
}

OnlineModel::State::State(const ModelSettings& chosen, std::size_t input_count,
                          models::Network network)
    : settings(chosen),
      identity(identity_of(chosen, input_count)),
      inputs(input_count),
      replay_steps(chosen.learn.replay > 0 ? chosen.learn.replay_steps : 0),
      batch(chosen, input_count, outputs_of(chosen, input_count)),
      trainer(std::move(network), loss_of(chosen), chosen.learn, chosen.learn.replay_rows),
      replay(replay_rows_of(chosen.learn, input_count), input_count,
             std::max<std::size_t>(1, chosen.labels.size()), chosen.learn.replay_format,
             chosen.targets),
      random(chosen.learn.seed + 1),
      teacher(make_teacher(chosen, trainer.network())),
      followers(chosen, trainer.network()),
      last_good(chosen.task, batch, trainer),
      shadow(chosen, trainer.network()),
      familiarity(input_count, chosen.task == Task::classify ? chosen.learn.unknown : 0.0),
      judge(make_judge(chosen, input_count)),
      row_errors(judge ? input_count : 0, 0.0F),
      class_metrics(std::max<std::size_t>(1, chosen.labels.size())),
      regression_metrics(chosen.targets),
      interval_metrics(chosen.targets),
      margin(chosen.targets, chosen.learn.interval),
      drift(chosen.learn.drift, input_count) {}

/// The steady net's answer to the row that stands first in the batch.
std::span<const float> OnlineModel::State::answer() { return trainer.forward(batch.rows(), 1); }

/// Mean squared reconstruction error of that row.
float OnlineModel::State::score_row() {
  const std::span<const float> outputs = answer();
  float sum = 0.0F;
  for (std::size_t i = 0; i < inputs; ++i) {
    const float error = outputs[i] - batch.rows()[i];
    sum += error * error;
  }
  return sum / static_cast<float>(inputs);
}

/// What outputs of a classifier or a regression mean.
Prediction OnlineModel::State::prediction_of(std::span<const float> outputs) const {
  Prediction prediction{.valid = true};
  if (settings.task == Task::regress) {
    const std::size_t targets = settings.targets;
    for (std::size_t o = 0; o < outputs.size(); ++o)
      value_at(prediction, o) =
          outputs[o] * batch.target().deviation()[o % targets] + batch.target().mean()[o % targets];
    if (settings.learn.interval > 0.0F) widen_intervals(prediction);
    prediction.steady_value = prediction.value;
    return prediction;
  }
  const auto best = std::ranges::max_element(outputs);
  prediction.label = static_cast<int>(best - outputs.begin());
  prediction.confidence = *best;
  prediction.steady_label = prediction.label;
  return prediction;
}

/// The steady net's, for the row that stands first in the batch.
Prediction OnlineModel::State::steady_prediction(std::span<const float> outputs) const {
  Prediction prediction = prediction_of(outputs);
  prediction.unknown = familiarity.is_unknown(batch.rows().first(inputs), prediction.confidence);
  return prediction;
}

bool OnlineModel::State::has_targets(const Target& target) const {
  return is_usable({&target.value, 1}) &&
         is_usable(std::span(target.others).first(settings.targets - 1));
}

/// regress: counts the answer for every target.
void OnlineModel::State::score_values(const Prediction& prediction, const Target& target) {
  const std::size_t targets = settings.targets;
  for (std::size_t t = 0; t < targets; ++t) {
    const auto truth = static_cast<double>(value_at(target, t));
    regression_metrics[t].add(truth, static_cast<double>(value_at(prediction, t)));
    if (!(settings.learn.interval > 0.0F)) continue;
    const auto low = static_cast<double>(value_at(prediction, targets + t));
    const auto high = static_cast<double>(value_at(prediction, 2 * targets + t));
    interval_metrics[t].add(truth, low, high);
    margin.learn(t, low <= truth && truth <= high);
  }
}

void OnlineModel::State::widen_intervals(Prediction& prediction) const {
  const std::size_t targets = settings.targets;
  for (std::size_t t = 0; t < targets; ++t) {
    const float by = margin.of(t) * batch.target().deviation()[t];
    value_at(prediction, targets + t) -= by;
    value_at(prediction, 2 * targets + t) += by;
  }
}

void OnlineModel::State::count(StepOutcome outcome) {
  if (outcome == StepOutcome::clipped) ++counters.clipped;
  if (outcome == StepOutcome::skipped) ++counters.skipped_steps;
}

/// A step of the steady net, and of its teacher if it has one.
void OnlineModel::State::step(std::size_t count_rows) {
  const Truth truth = teacher ? teacher->truth(batch, count_rows) : batch.truth();
  count(trainer.step(batch.rows(), truth, count_rows));
  if (teacher) teacher->learn(batch, count_rows);
}

/// One step on the new row, which stands first in the batch, together with remembered ones. Half of
/// an anomaly model's have nonsense in one feature, to be mended: a denoising autoencoder (Vincent
/// et al., ICML 2008). One that sees normal rows alone may pass a feature straight through, and
/// then reconstructs any value of it, however abnormal.
void OnlineModel::State::replay_step() {
  const std::size_t count_rows = std::min(batch.capacity(), replay.size() + 1);
  for (std::size_t at = 1; at < count_rows; ++at) {
    const std::size_t index = random.below(replay.size());
    batch.place(at, replay.example(index));
    if (settings.task == Task::anomaly && at % 2 == 1) batch.corrupt(at, random);
  }
  step(count_rows);
}

/// Shows the error of the newest answer, in 0..1, to the drift detector.
void OnlineModel::State::watch_error(double error) {
  react(drift.add_error(error, counters.predicted + counters.rejected));
}

void OnlineModel::State::react(DriftLevel level) {
  if (level != DriftLevel::drift) return;
  rows_at_rate = 0;
  switch (settings.learn.drift.reaction) {
    case DriftReaction::alarm: return;
    case DriftReaction::raise_rate: rate_surplus = raised_rate - 1.0F; return;
    case DriftReaction::reset_normalisation: batch.weigh_past_as(past_weight_rows); return;
    case DriftReaction::refill_replay:
      replay.clear();
      if (judge) judge->relearn();
      return;
    case DriftReaction::new_model: return shadow.start();
  }
}

/// anomaly: the answer for a row that stands first in the batch.
Prediction OnlineModel::State::judge_row(std::span<const float> row) {
  Prediction prediction{.valid = true};
  prediction.scores = judge->score(row, score_row());
  prediction.value = prediction.scores.of(AnomalyScorer::blend);
  prediction.abnormal = prediction.scores.is_abnormal(AnomalyScorer::blend);
  prediction.steady_value = prediction.scores.of(AnomalyScorer::reconstruction);
  return prediction;
}

/// anomaly: lets the judge learn a row that stands first in the batch; true if it is abnormal and
/// nobody called it normal.
bool OnlineModel::State::is_guarded(std::span<const float> row, const Target& target) {
  const AnomalyScores row_scores = judge->score(row, score_row());
  if (target.label != 0 && !judge->is_learnable(row_scores)) {
    ++counters.guarded;
    return true;
  }
  judge->learn(row, row_scores);
  return false;
}

/// The schedule's part of this row's rate.
float OnlineModel::State::scheduled_share() {
  if (settings.learn.schedule == RateSchedule::constant) return 1.0F;
  const float rows = static_cast<float>(rows_at_rate++) / rows_at_full_rate;
  return std::max(least_rate_share, 1.0F / std::sqrt(1.0F + rows));
}

/// Sets this row's rate, and lets what a drift added to it fade.
void OnlineModel::State::lower_rate() {
  const float factor = rate_damping * (scheduled_share() + rate_surplus);
  trainer.scale_rate(factor);
  if (teacher) teacher->scale_rate(factor);
  rate_surplus = rate_surplus > 0.01F ? rate_surplus * surplus_share_per_row : 0.0F;
}

/// The steady net's answer to `example`, which stands first in the batch: as it is, or as it was in
/// its last good generation if it diverged since.
std::span<const float> OnlineModel::State::check_weights(const Example& example) {
  const std::span<const float> given = answer();
  if (!settings.learn.roll_back) return given;
  switch (last_good.judge(given, example, batch, trainer)) {
    case LastGood::Verdict::undecided: return given;
    case LastGood::Verdict::renewed:
      rate_damping = std::min(1.0F, 2.0F * rate_damping);
      return given;
    case LastGood::Verdict::diverged: break;
  }
  last_good.roll_back(batch, trainer);
  ++counters.rolled_back;
  rate_damping = std::max(least_damping, 0.5F * rate_damping);
  batch.place(0, example);
  return answer();
}

void OnlineModel::State::learn_familiarity(std::span<const float> answer, const Example& example) {
  if (settings.task != Task::classify) return;
  const auto best = std::ranges::max_element(answer);
  familiarity.learn(batch.rows().first(inputs), *best,
                    static_cast<std::size_t>(best - answer.begin()) == example.label);
}

/// Counts the answer in the round of the contest that this model may be in.
void OnlineModel::State::count_round(std::span<const float> answer, const Example& example) {
  if (!settings.auto_layers && !settings.learn.auto_rate) return;
  round_loss += answer_loss(settings.task, answer, example, batch, batch);
  round_rows += 1.0;
}

/// Takes over all of `narrow`, a model with one class less.
void OnlineModel::State::widen_from(State&& narrow) {
  replay_steps = narrow.replay_steps;
  batch = std::move(narrow.batch);
  trainer.widen_from(narrow.trainer);
  replay = std::move(narrow.replay);
  replay.add_class();
  random = narrow.random;
  if (teacher) teacher->widen_from(std::move(*narrow.teacher));
  followers.widen_from(std::move(narrow.followers));
  last_good.renew(batch, trainer);
  familiarity = std::move(narrow.familiarity);
  unlearned = narrow.unlearned;
  may_guess = narrow.may_guess;
  class_metrics = std::move(narrow.class_metrics);
  class_metrics.add_class();
  counters = narrow.counters;
  drift = std::move(narrow.drift);
  rows_at_rate = narrow.rows_at_rate;
  rate_surplus = narrow.rate_surplus;
  rate_damping = narrow.rate_damping;
  round_loss = narrow.round_loss;
  round_rows = narrow.round_rows;
}

}  // namespace haltere::learner
