#pragma once

#include <cstdint>
#include <span>

namespace haltere::learner {

/// Area under the ROC curve: the chance that a positive scores above a negative, ties half.
/// `scores` and `positive` have the same size; 0.5 when a side is empty. O(n log n).
[[nodiscard]] double roc_auc(std::span<const float> scores, std::span<const std::uint8_t> positive);

}  // namespace haltere::learner
