#include "learner/drift_page_hinkley.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::learner {

void PageHinkley::reset() {
  count_ = 0;
  mean_ = 0.0;
  rise_ = 0.0;
  fall_ = 0.0;
}

DriftLevel PageHinkley::update(double value) {
  if (!std::isfinite(value)) {
    ++refused_;
    return DriftLevel::stable;
  }
  ++count_;
  mean_ += (value - mean_) / static_cast<double>(count_);
  const double offset = value - mean_;
  rise_ = std::max(0.0, settings_.forgetting * rise_ + offset - settings_.tolerance);
  fall_ = std::max(0.0, settings_.forgetting * fall_ - offset - settings_.tolerance);
  if (count_ < settings_.min_values) return DriftLevel::stable;
  const bool either = settings_.direction == DriftDirection::either;
  const double excess = either ? std::max(rise_, fall_) : rise_;
  if (excess > settings_.threshold) {
    reset();
    return DriftLevel::drift;
  }
  return excess > settings_.warning_share * settings_.threshold ? DriftLevel::warning
                                                                : DriftLevel::stable;
}

void PageHinkley::exchange(Archive& archive) {
  archive.exchange(count_);
  archive.exchange(mean_);
  archive.exchange(rise_);
  archive.exchange(fall_);
  archive.exchange(refused_);
}

}  // namespace haltere::learner
