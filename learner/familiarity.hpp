#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/prototypes.hpp"
#include "learner/quantile.hpp"
#include "learner/tail_threshold.hpp"

namespace haltere::learner {

/// Tells rows like those a classifier learned from rows it cannot know: by the confidence of its
/// answer and by the distance to the nearest prototype of the rows learned. Both thresholds are
/// calibrated on the stream: of the rows answered rightly, a given share falls below the one, and
/// of the rows learned the same share lies beyond the other (as in inductive conformal prediction,
/// Papadopoulos et al., ECML 2002). Allocates only when constructed.
class Familiarity {
 public:
  /// `share` of the rows like those learned that may be called unknown, by either sign half of it;
  /// 0 = none ever is, and nothing is kept.
  Familiarity(std::size_t inputs, double share);

  /// Whether a normalised row [inputs], answered with `confidence`, is unknown.
  [[nodiscard]] bool is_unknown(std::span<const float> row, float confidence) const;

  /// Learns a row of which the answer, given before, was right or wrong.
  void learn(std::span<const float> row, float confidence, bool right);

  /// Confidence below which an answer counts as unknown; 0 while that is not known.
  [[nodiscard]] float least_confidence() const { return least_confidence_; }

  void exchange(Archive& archive);

  static constexpr std::size_t prototypes = 64;
  static constexpr std::uint64_t rows_before_judgement = 200;

 private:
  double share_;
  std::vector<float> units_;  ///< of normalised inputs: 1
  Prototypes known_;
  FadingQuantile confidences_;  ///< of right answers
  TailThreshold distances_;
  float least_confidence_ = 0.0F;
  std::uint64_t rows_ = 0;
};

}  // namespace haltere::learner
