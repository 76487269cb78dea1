#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/online_model.hpp"

namespace haltere::learner {

/// What each input of a usable row [inputs] speaks for in the answer `output` (a class; 0 for a
/// regression), by the prediction difference (Robnik-Sikonja and Kononenko, "Explaining
/// Classifications for Individual Instances", IEEE TKDE 20, 2008): the answer's natural log odds,
/// or its value in the target's unit, minus what it would be with that input at its mean. Costs one
/// answer per input; allocates nothing. `contributions` and `scratch`: [inputs].
void explain_answer(const OnlineModel& model, std::span<const float> row, std::size_t output,
                    std::span<float> contributions, std::span<float> scratch);

/// How much worse the model answers its remembered rows when one input is exchanged among them at
/// random (Breiman, "Random Forests", Machine Learning 45, 2001), [inputs]: the rise of the share
/// of wrong answers (classify), of the mean absolute error (regress) or of the mean score
/// (anomaly). About 20,000 answers at most; all 0 without remembered rows. Changes nothing.
[[nodiscard]] std::vector<double> permutation_importance(const OnlineModel& model,
                                                         std::uint64_t seed = 1);

}  // namespace haltere::learner
