#pragma once

#include "models/loops/inverse_root.hpp"

namespace haltere::models::HALTERE_LOOPS {

inline void sgd_step(float* __restrict parameters, const float* __restrict slopes,
                     std::size_t count, StepFactors factors) {
  const float step = factors.rate * factors.gradient_scale;
  if (factors.keep == 1.0F) {
    for (std::size_t i = 0; i < count; ++i) parameters[i] -= step * slopes[i];
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    parameters[i] = flush(parameters[i] * factors.keep) - step * slopes[i];
}

inline void momentum_step(float* __restrict parameters, float* __restrict velocity,
                          const float* __restrict slopes, std::size_t count,
                          const MomentumFactors& factors) {
  const MomentumFactors f = factors;
  for (std::size_t i = 0; i < count; ++i) {
    const float slope = f.step.gradient_scale * slopes[i];
    const float next = flush(f.momentum * velocity[i]) + slope;
    const float direction = f.nesterov ? slope + f.momentum * next : next;
    velocity[i] = next;
    parameters[i] = flush(parameters[i] * f.step.keep) - f.step.rate * direction;
  }
}

/// As defined, with a square root and a division, which all machines round alike.
inline void adam_exact(float* __restrict parameters, AdamMoments moments,
                       const float* __restrict slopes, std::size_t count, const AdamFactors& f) {
  float* __restrict first = moments.first;
  float* __restrict second = moments.second;
  for (std::size_t i = 0; i < count; ++i) {
    const float slope = f.step.gradient_scale * slopes[i];
    const float mean = flush(f.first_decay * first[i]) + (1.0F - f.first_decay) * slope;
    const float square =
        flush(f.second_decay * second[i]) + (1.0F - f.second_decay) * (slope * slope);
    first[i] = mean;
    second[i] = square;
    const float root = __builtin_sqrtf(square * f.second_scale);
    parameters[i] = flush(parameters[i] * f.step.keep) - f.step.rate * mean / (root + f.epsilon);
  }
}

/// Keeps what fades out of the denormals: what is small beside `faded` is rounded to a multiple of
/// its last place, 1e-37; what is larger than 1e-22 stays as it is.
inline Vector flush_by_rounding(Vector value) { return (value + faded) - faded; }

/// With an inverse square root, and epsilon inside it: apart from gradients as small as epsilon,
/// within 1e-6 of a step. A mean square fades to `least_square` rather than to denormals.
struct FusedAdam {
  float* parameters;
  float* first;
  float* second;
  const float* slopes;
  AdamFactors f;

  static constexpr float least_square = 1e-33F;  ///< far below epsilon's square

  void step(std::size_t i) const {
    const Vector slope = f.step.gradient_scale * load(slopes + i);
    const Vector mean =
        f.first_decay * flush_by_rounding(load(first + i)) + (1.0F - f.first_decay) * slope;
    const Vector square = (f.second_decay * load(second + i) + least_square) +
                          ((1.0F - f.second_decay) * slope) * slope;
    store(first + i, mean);
    store(second + i, square);
    const Vector inverse = inverse_root(square * f.second_scale + f.epsilon * f.epsilon);
    store(parameters + i, f.step.keep * load(parameters + i) - (f.step.rate * mean) * inverse);
  }
};

inline void adam_fused(const FusedAdam& work, std::size_t count) {
  const std::size_t whole = count - count % lanes;
  for (std::size_t i = 0; i < whole; i += lanes) work.step(i);
  const std::size_t left = count - whole;
  if (left == 0) return;
  float last[4][lanes] = {};
  for (std::size_t l = 0; l < left; ++l) {
    last[0][l] = work.parameters[whole + l];
    last[1][l] = work.first[whole + l];
    last[2][l] = work.second[whole + l];
    last[3][l] = work.slopes[whole + l];
  }
  FusedAdam{last[0], last[1], last[2], last[3], work.f}.step(0);
  for (std::size_t l = 0; l < left; ++l) {
    work.parameters[whole + l] = last[0][l];
    work.first[whole + l] = last[1][l];
    work.second[whole + l] = last[2][l];
  }
}

inline void adam_step(float* parameters, AdamMoments moments, const float* slopes,
                      std::size_t count, const AdamFactors& factors) {
  if constexpr (fused) {
    adam_fused({parameters, moments.first, moments.second, slopes, factors}, count);
  } else {
    adam_exact(parameters, moments, slopes, count, factors);
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
