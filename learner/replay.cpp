#include "learner/replay.hpp"

#include <algorithm>
#include <cassert>

namespace haltere::learner {

Replay::Replay(std::size_t capacity, std::size_t inputs, std::size_t classes, RowFormat format,
               std::size_t values)
    : capacity_(capacity),
      width_(values),
      rows_(capacity, inputs, format),
      values_(capacity * values, 0.0F),
      held_(classes, 0),
      seen_(classes, 0.0) {
  labels_.reserve(capacity);
  ids_.reserve(capacity);
}

void Replay::place(std::size_t index, const Example& example, std::uint64_t id) {
  rows_.write(index, example.row, labels_.size());
  labels_[index] = static_cast<std::uint32_t>(example.label);
  const auto values = values_.begin() + static_cast<std::ptrdiff_t>(index * width_);
  *values = example.value;
  std::ranges::copy(example.others.first(width_ - 1), values + 1);
  ids_[index] = id;
  ++held_[example.label];
}

bool Replay::withdraw(std::uint64_t id) {
  const auto index = static_cast<std::size_t>(std::ranges::find(ids_, id) - ids_.begin());
  if (index == size()) return false;
  const std::size_t last = size() - 1;
  --held_[labels_[index]];
  if (index != last) {
    rows_.move(last, index);
    labels_[index] = labels_[last];
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(last * width_), width_,
                values_.begin() + static_cast<std::ptrdiff_t>(index * width_));
    ids_[index] = ids_[last];
  }
  labels_.pop_back();
  ids_.pop_back();
  return true;
}

void Replay::add_class() {
  held_.push_back(0);
  seen_.push_back(0.0);
}

std::size_t Replay::pick_of(std::size_t label, models::Random& random) const {
  std::size_t left = random.below(held_[label]);
  for (std::size_t index = 0; index < labels_.size(); ++index)
    if (labels_[index] == label && left-- == 0) return index;
  return 0;
}

void Replay::offer(const Example& example, models::Random& random, std::uint64_t id) {
  const std::size_t label = example.label;
  assert(label < held_.size());
  if (capacity_ == 0) return;
  seen_[label] += 1.0;
  if (labels_.size() < capacity_) {
    labels_.push_back(0);
    ids_.push_back(0);
    place(labels_.size() - 1, example, id);
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
  place(victim, example, id);
}

void Replay::clear() {
  labels_.clear();
  ids_.clear();
  std::ranges::fill(held_, 0U);
  std::ranges::fill(seen_, 0.0);
}

void Replay::exchange(Archive& archive) {
  std::uint64_t count = labels_.size();
  archive.exchange(count);
  if (count > capacity_) archive.fail();
  if (archive.failed()) return;
  labels_.resize(static_cast<std::size_t>(count));
  ids_.resize(static_cast<std::size_t>(count));
  rows_.exchange(archive, labels_.size());
  archive.exchange(std::span(labels_));
  archive.exchange(std::span(values_).first(labels_.size() * width_));
  for (std::uint64_t& id : ids_) archive.exchange(id);
  archive.exchange(std::span(seen_));
  std::ranges::fill(held_, 0U);
  for (const std::uint32_t label : labels_) {
    if (label >= held_.size()) return archive.fail();
    ++held_[label];
  }
}

}  // namespace haltere::learner
