#include "learner/prototypes.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace haltere::learner {

namespace {

/// A prototype follows its newest rows at least this fast.
constexpr float heaviest = 1000.0F;
constexpr float first_radius = 1e-3F;

}  // namespace

Prototypes::Prototypes(std::size_t inputs, std::size_t capacity)
    : inputs_(inputs), values_((capacity + 1) * inputs, 0.0F), weights_(capacity + 1, 0.0F) {
  assert(capacity > 0);
}

Prototypes::Nearest Prototypes::nearest(std::span<const float> row,
                                        std::span<const float> deviations, std::size_t from) const {
  Nearest best{from, std::numeric_limits<float>::max()};
  for (std::size_t index = from; index < count_; ++index) {
    const std::span<const float> prototype = at(index);
    float sum = 0.0F;
    for (std::size_t i = 0; i < inputs_; ++i) {
      const float offset = (row[i] - prototype[i]) / deviations[i];
      sum += offset * offset;
    }
    sum /= static_cast<float>(inputs_);
    if (sum < best.distance) best = {index, sum};
  }
  return best;
}

float Prototypes::score(std::span<const float> row, std::span<const float> deviations) const {
  return count_ == 0 ? 0.0F : nearest(row, deviations, 0).distance;
}

void Prototypes::contributions(std::span<const float> row, std::span<const float> deviations,
                               std::span<float> out) const {
  const std::span<const float> prototype = at(nearest(row, deviations, 0).index);
  for (std::size_t i = 0; i < inputs_; ++i) {
    const float offset = count_ == 0 ? 0.0F : (row[i] - prototype[i]) / deviations[i];
    out[i] = offset * offset / static_cast<float>(inputs_);
  }
}

/// Prototype `gone` becomes part of `kept`; the last takes its place.
void Prototypes::join(std::size_t kept, std::size_t gone) {
  const float share = weights_[gone] / (weights_[kept] + weights_[gone]);
  for (std::size_t i = 0; i < inputs_; ++i) {
    float& value = values_[kept * inputs_ + i];
    value += share * (values_[gone * inputs_ + i] - value);
  }
  weights_[kept] = std::min(weights_[kept] + weights_[gone], heaviest);
  --count_;
  if (gone == count_) return;
  std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(count_ * inputs_), inputs_,
              values_.begin() + static_cast<std::ptrdiff_t>(gone * inputs_));
  weights_[gone] = weights_[count_];
}

/// Lets the radius grow to the nearest pair's distance at least, and merges what is within it.
void Prototypes::thin_out(std::span<const float> deviations) {
  float closest = std::numeric_limits<float>::max();
  for (std::size_t index = 0; index + 1 < count_; ++index)
    closest = std::min(closest, nearest(at(index), deviations, index + 1).distance);
  radius_ = std::max({2.0F * radius_, closest, first_radius});
  for (std::size_t index = 0; index + 1 < count_; ++index) {
    while (index + 1 < count_) {
      const Nearest other = nearest(at(index), deviations, index + 1);
      if (other.distance > radius_) break;
      join(index, other.index);
    }
  }
}

void Prototypes::update(std::span<const float> row, std::span<const float> deviations) {
  assert(row.size() == inputs_ && deviations.size() == inputs_);
  if (count_ > 0) {
    const Nearest own = nearest(row, deviations, 0);
    if (own.distance <= radius_) {
      weights_[own.index] = std::min(weights_[own.index] + 1.0F, heaviest);
      for (std::size_t i = 0; i < inputs_; ++i) {
        float& value = values_[own.index * inputs_ + i];
        value += (row[i] - value) / weights_[own.index];
      }
      return;
    }
  }
  std::ranges::copy(row, values_.begin() + static_cast<std::ptrdiff_t>(count_ * inputs_));
  weights_[count_++] = 1.0F;
  if (count_ > capacity()) thin_out(deviations);
}

void Prototypes::exchange(Archive& archive) {
  std::uint64_t count = count_;
  archive.exchange(count);
  if (count > capacity()) return archive.fail();
  count_ = static_cast<std::size_t>(count);
  archive.exchange(radius_);
  archive.exchange(std::span(values_).first(count_ * inputs_));
  archive.exchange(std::span(weights_).first(count_));
}

}  // namespace haltere::learner
