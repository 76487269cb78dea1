// What a model learns from rows whose truth nobody told.

#include "learner/online_model_state.hpp"
#include "learner/online_normaliser.hpp"

namespace haltere::learner {

/// Lets the teacher tell the steady net what it makes of a row without a truth.
void OnlineModel::State::teach(std::span<const float> row) {
  if (!teacher || !is_usable(row)) return;
  teacher->remember(row, batch);
  if (!teacher->is_trusted() || replay.size() == 0 || replay_steps == 0) return;
  trainer.scale_rate(teacher->rate_factor());
  for (std::size_t i = 0; i < replay_steps; ++i) {
    const std::size_t rows = teacher->place_lesson(batch, replay);
    count(trainer.step(batch.rows(), teacher->lesson(batch, rows), rows));
  }
  teacher->count_unlabelled();
}

void OnlineModel::learn_unlabelled(std::span<const float> row) {
  State& state = *state_;
  if (state.settings.task != Task::classify && !state.teacher) return;
  if (!learn_guess(row)) state.teach(row);
  for (OnlineModel& rival : rivals_) rival.state_->teach(row);
}

/// Learns `row` as its likeliest class, if it may guess and is so sure.
bool OnlineModel::learn_guess(std::span<const float> row) {
  State& state = *state_;
  const float above = state.settings.learn.guess_above;
  if (above <= 0.0F || !state.may_guess || state.settings.task != Task::classify) return false;
  const Prediction guess = ask(row);
  if (!guess.valid || guess.confidence < above) return false;
  learn(row, {guess.label, 0.0F});
  state.may_guess = false;
  ++state.counters.guessed;
  return true;
}

std::optional<TeacherFigures> OnlineModel::teacher() const {
  if (!state_->teacher) return std::nullopt;
  return state_->teacher->figures();
}

}  // namespace haltere::learner
