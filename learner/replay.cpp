#include "learner/replay.hpp"

#include <algorithm>
#include <cassert>

namespace haltere::learner {

Replay::Replay(std::size_t capacity, std::size_t inputs, std::size_t classes)
    : capacity_(capacity),
      inputs_(inputs),
      rows_(capacity * inputs, 0.0F),
      held_(classes, 0),
      seen_(classes, 0.0) {
  labels_.reserve(capacity);
  values_.reserve(capacity);
}

void Replay::place(std::size_t index, std::span<const float> row, std::size_t label, float value) {
  std::ranges::copy(row, rows_.begin() + static_cast<std::ptrdiff_t>(index * inputs_));
  labels_[index] = static_cast<std::uint32_t>(label);
  values_[index] = value;
  ++held_[label];
}

std::size_t Replay::pick_of(std::size_t label, models::Random& random) const {
  std::size_t left = random.below(held_[label]);
  for (std::size_t index = 0; index < labels_.size(); ++index)
    if (labels_[index] == label && left-- == 0) return index;
  return 0;
}

void Replay::offer(std::span<const float> row, std::size_t label, float value,
                   models::Random& random) {
  assert(row.size() == inputs_ && label < held_.size());
  if (capacity_ == 0) return;
  seen_[label] += 1.0;
  if (labels_.size() < capacity_) {
    labels_.push_back(0);
    values_.push_back(0.0F);
    place(labels_.size() - 1, row, label, value);
    return;
  }
  const auto largest = static_cast<std::size_t>(std::ranges::max_element(held_) - held_.begin());
  std::size_t victim_label = largest;
  if (held_[label] == held_[largest]) {
    const double chance = std::max(slowest_renewal, held_[label] / seen_[label]);
    if (static_cast<double>(random.next()) * 0x1p-32 >= chance) return;
    victim_label = label;
  }
  const std::size_t victim = pick_of(victim_label, random);
  --held_[victim_label];
  place(victim, row, label, value);
}

void Replay::clear() {
  labels_.clear();
  values_.clear();
  std::ranges::fill(held_, 0U);
  std::ranges::fill(seen_, 0.0);
}

void Replay::exchange(Archive& archive) {
  std::uint64_t count = labels_.size();
  archive.exchange(count);
  if (count > capacity_) archive.fail();
  if (archive.failed()) return;
  labels_.resize(static_cast<std::size_t>(count));
  values_.resize(static_cast<std::size_t>(count));
  archive.exchange(std::span(rows_).first(labels_.size() * inputs_));
  archive.exchange(std::span(labels_));
  archive.exchange(std::span(values_));
  archive.exchange(std::span(seen_));
  std::ranges::fill(held_, 0U);
  for (const std::uint32_t label : labels_) {
    if (label >= held_.size()) return archive.fail();
    ++held_[label];
  }
}

}  // namespace haltere::learner
