#pragma once

#include <span>

#include "learner/batch.hpp"

namespace haltere::learner {

/// Squared error of one answer [outputs] to `example`, which stands first in `batch`: summed over
/// the classes, meaned over an anomaly model's outputs, or of the first target in units of `unit`'s
/// deviation, so that nets whose targets are scaled differently compare; at most 16, which is also
/// what an answer that is no number gets.
[[nodiscard]] double answer_loss(Task task, std::span<const float> answer, const Example& example,
                                 const Batch& batch, const Batch& unit);

}  // namespace haltere::learner
