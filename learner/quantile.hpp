#pragma once

#include <cstddef>
#include <vector>

#include "learner/archive.hpp"

namespace haltere::learner {

/// Quantiles of a stream of scores >= 0 in constant memory: a histogram with bins of equal ratio, 3
/// % wide, whose counts fade so that old scores lose weight. Between bins the answer is
/// interpolated.
class FadingQuantile {
 public:
  /// A score's weight halves every `half_life` scores.
  explicit FadingQuantile(double half_life);

  /// Takes in one finite score.
  void add(float score);

  /// The score below which the share `quantile` of the weight lies; 0 while there is none. Visits
  /// every bin.
  [[nodiscard]] float at(double quantile) const;

  void exchange(Archive& archive);

 private:
  std::vector<double> weights_;
  double total_ = 0.0;
  double next_weight_ = 1.0;  ///< grows instead of every bin shrinking
  double growth_;
};

}  // namespace haltere::learner
