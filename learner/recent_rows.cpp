#include "learner/recent_rows.hpp"

#include <algorithm>

namespace haltere::learner {

RecentRows::RecentRows(std::size_t capacity, std::size_t inputs, std::size_t classes,
                       std::size_t values)
    : capacity_(capacity),
      inputs_(inputs),
      classes_(classes),
      width_(values),
      rows_(capacity * inputs, 0.0F),
      values_(capacity * values, 0.0F) {
  labels_.reserve(capacity);
}

void RecentRows::push(const Example& example) {
  if (capacity_ == 0) return;
  std::size_t at = labels_.size();
  if (at < capacity_) {
    labels_.push_back(0);
  } else {
    at = static_cast<std::size_t>(oldest_);
    oldest_ = (oldest_ + 1) % capacity_;
  }
  std::ranges::copy(example.row, rows_.begin() + static_cast<std::ptrdiff_t>(at * inputs_));
  labels_[at] = static_cast<std::uint32_t>(example.label);
  const auto values = values_.begin() + static_cast<std::ptrdiff_t>(at * width_);
  *values = example.value;
  std::ranges::copy(example.others.first(width_ - 1), values + 1);
}

void RecentRows::clear() {
  labels_.clear();
  oldest_ = 0;
}

Example RecentRows::example(std::size_t index) const {
  return {std::span(rows_).subspan(index * inputs_, inputs_), labels_[index],
          values_[index * width_], std::span(values_).subspan(index * width_ + 1, width_ - 1)};
}

void RecentRows::exchange(Archive& archive) {
  std::uint64_t count = labels_.size();
  archive.exchange(count);
  archive.exchange(oldest_);
  if (count > capacity_ || oldest_ > capacity_) archive.fail();
  if (archive.failed()) return;
  labels_.resize(static_cast<std::size_t>(count));
  archive.exchange(std::span(rows_).first(labels_.size() * inputs_));
  archive.exchange(std::span(labels_));
  archive.exchange(std::span(values_).first(labels_.size() * width_));
  if (std::ranges::any_of(labels_, [this](std::uint32_t label) { return label >= classes_; }))
    archive.fail();
}

}  // namespace haltere::learner
