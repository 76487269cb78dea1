#include "learner/batch.hpp"

#include <algorithm>

namespace haltere::learner {

Batch::Batch(const ModelSettings& settings, std::size_t inputs, std::size_t outputs)
    : task_(settings.task),
      inputs_(inputs),
      frozen_(settings.learn.frozen_layers > 0),
      features_(inputs, settings.learn.memory),
      target_(settings.targets, settings.learn.memory),
      given_(settings.targets, 0.0F),
      rows_(settings.learn.replay_rows * inputs, 0.0F),
      labels_(settings.learn.replay_rows, 0),
      values_(settings.learn.replay_rows * outputs, 0.0F) {}

/// The truth of every target.
std::span<const float> Batch::targets_of(const Example& example) {
  given_[0] = example.value;
  std::ranges::copy(example.others.first(given_.size() - 1), given_.begin() + 1);
  return given_;
}

void Batch::begin_with(const Beginning& beginning, bool with_targets) {
  features_.begin_with(beginning.mean, beginning.deviation);
  if (task_ == Task::regress && with_targets)
    target_.begin_with(std::span(beginning.target_mean).first(given_.size()),
                       std::span(beginning.target_deviation).first(given_.size()));
}

void Batch::take_in(const Example& example) {
  if (!frozen_ || !features_.is_settled()) features_.update(example.row);
  if (task_ == Task::regress) target_.update(targets_of(example));
}

void Batch::weigh_past_as(std::uint64_t rows) {
  if (!frozen_) features_.weigh_past_as(rows);
  target_.weigh_past_as(rows);
}

void Batch::place(std::size_t at, std::span<const float> row) {
  features_.apply(row, std::span(rows_).subspan(at * inputs_, inputs_));
}

void Batch::place(std::size_t at, const Example& example) {
  place(at, example.row);
  switch (task_) {
    case Task::classify: labels_[at] = static_cast<std::int32_t>(example.label); return;
    case Task::regress: {
      const std::size_t targets = given_.size();
      const std::size_t outputs = values_.size() / capacity();
      const std::span<float> all = std::span(values_).subspan(at * outputs, outputs);
      target_.apply(targets_of(example), all.first(targets));
      for (std::size_t o = targets; o < outputs; ++o) all[o] = all[o - targets];
      return;
    }
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
