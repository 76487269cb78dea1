#pragma once

#include "learner/archive.hpp"

namespace haltere::learner {

/// How intervals that were answered before the truth was known held it.
class IntervalMetrics {
 public:
  void add(double truth, double low, double high) {
    count_ += 1.0;
    inside_ += low <= truth && truth <= high ? 1.0 : 0.0;
    width_ += high > low ? high - low : 0.0;
  }

  [[nodiscard]] double count() const { return count_; }
  /// Share of the truths that lay inside; 0 before the first.
  [[nodiscard]] double coverage() const { return count_ > 0.0 ? inside_ / count_ : 0.0; }
  /// Mean width, in the target's unit.
  [[nodiscard]] double width() const { return count_ > 0.0 ? width_ / count_ : 0.0; }

  void exchange(Archive& archive) {
    archive.exchange(count_);
    archive.exchange(inside_);
    archive.exchange(width_);
  }

 private:
  double count_ = 0.0;
  double inside_ = 0.0;
  double width_ = 0.0;
};

}  // namespace haltere::learner
