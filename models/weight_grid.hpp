#pragma once

#include <cstddef>
#include <vector>

#include "models/network.hpp"

namespace haltere::models {

/// Whole steps on either side of 0 that a weight may be away from it.
constexpr int int8_steps = 127;
constexpr int int4_steps = 7;

/// Steps for the weights of `layer` when layers of at least `int4_from` weights have int4 ones.
[[nodiscard]] int weight_steps(const DenseLayer& layer, std::size_t int4_from);

/// Step width for the weights of each output, [outputs]; 0 where all are 0. int8: the largest
/// weight is the last step. int4: the width with the smallest squared error, at most that.
[[nodiscard]] std::vector<float> weight_grid(const DenseLayer& layer, int steps);

/// `weight` in whole steps of `scale` > 0, -steps..steps.
[[nodiscard]] float steps_of(float weight, float scale, int steps);

}  // namespace haltere::models
