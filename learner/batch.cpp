#include "learner/batch.hpp"

#include <algorithm>

namespace haltere::learner {

Batch::Batch(const ModelSettings& settings, std::size_t inputs, std::size_t outputs)
    : task_(settings.task),
      inputs_(inputs),
      features_(inputs, settings.learn.memory),
      target_(1, settings.learn.memory),
      rows_(settings.learn.replay_rows * inputs, 0.0F),
      labels_(settings.learn.replay_rows, 0),
      values_(settings.learn.replay_rows * outputs, 0.0F) {}

void Batch::take_in(const Example& example) {
  features_.update(example.row);
  if (task_ == Task::regress) target_.update({&example.value, 1});
}

void Batch::weigh_past_as(std::uint64_t rows) {
  features_.weigh_past_as(rows);
  target_.weigh_past_as(rows);
}

void Batch::place(std::size_t at, std::span<const float> row) {
  features_.apply(row, std::span(rows_).subspan(at * inputs_, inputs_));
}

void Batch::place(std::size_t at, const Example& example) {
  place(at, example.row);
  switch (task_) {
    case Task::classify: labels_[at] = static_cast<std::int32_t>(example.label); return;
    case Task::regress:
      target_.apply({&example.value, 1}, std::span(values_).subspan(at, 1));
      return;
    case Task::anomaly:
      std::ranges::copy(std::span(rows_).subspan(at * inputs_, inputs_),
                        values_.begin() + static_cast<std::ptrdiff_t>(at * inputs_));
      return;
  }
}

void Batch::corrupt(std::size_t at, models::Random& random) {
  rows_[at * inputs_ + random.below(inputs_)] = normalised_limit * random.symmetric();
}

void Batch::exchange(Archive& archive) {
  features_.exchange(archive);
  target_.exchange(archive);
}

}  // namespace haltere::learner
