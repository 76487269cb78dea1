#include "models/weight_grid.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::models {
namespace {

/// Squared error of output `o` on a grid of `scale`.
float squared_error(const DenseLayer& layer, std::size_t o, float scale, int steps) {
  float sum = 0.0F;
  for (std::size_t at = o; at < layer.weights.size(); at += layer.outputs) {
    const float error = layer.weights[at] - scale * steps_of(layer.weights[at], scale, steps);
    sum += error * error;
  }
  return sum;
}

/// Narrower than `widest` where that makes the squared error smaller: few weights are as large as
/// the largest, and on a coarse grid the many small ones count for more.
float least_error(const DenseLayer& layer, std::size_t o, float widest, int steps) {
  float best = widest;
  float least = squared_error(layer, o, widest, steps);
  for (int percent = 95; percent > 30; percent -= 5) {
    const float narrower = widest * (static_cast<float>(percent) / 100.0F);
    const float error = squared_error(layer, o, narrower, steps);
    if (error >= least) continue;
    least = error;
    best = narrower;
  }
  return best;
}

}  // namespace

int weight_steps(const DenseLayer& layer, std::size_t int4_from) {
  return layer.inputs * layer.outputs >= int4_from ? int4_steps : int8_steps;
}

std::vector<float> weight_grid(const DenseLayer& layer, int steps) {
  std::vector<float> scales(layer.outputs, 0.0F);
  for (std::size_t i = 0; i < layer.inputs; ++i)
    for (std::size_t o = 0; o < layer.outputs; ++o)
      scales[o] = std::max(scales[o], std::fabs(layer.weights[i * layer.outputs + o]));
  for (std::size_t o = 0; o < layer.outputs; ++o) {
    scales[o] /= static_cast<float>(steps);
    if (steps == int4_steps && scales[o] > 0.0F)
      scales[o] = least_error(layer, o, scales[o], steps);
  }
  return scales;
}

float steps_of(float weight, float scale, int steps) {
  const auto most = static_cast<float>(steps);
  return std::clamp(std::round(weight / scale), -most, most);
}

}  // namespace haltere::models
