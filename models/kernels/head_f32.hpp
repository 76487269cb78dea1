#pragma once

#include <stddef.h>
#include <stdint.h>

#include "models/kernels/bundle_view.hpp"

namespace haltere {
namespace kernels {

/// What a classifier learns where it runs: numbers that are added to its last layer's weights and
/// biases, which stay as they are in the bundle. Probabilities are softmax of
///   logit[o] + delta[o][inputs] + sum_i delta[o][i] * x[i],
/// x the last layer's inputs and logit its int8 sums, both as real numbers. Host and
/// microcontrollers learn the same bits.
struct HeadF32 {
  uint16_t inputs;
  uint16_t outputs;
  float input_scale;  ///< of x
  float logit_scale;
  int8_t input_zero_point;
  int8_t logit_zero_point;
  float* delta;          ///< [outputs][inputs + 1]
  float* x;              ///< [inputs]
  float* probabilities;  ///< [outputs]
};

/// Whether `view` has a last layer that can be learned on: a classifier's softmax.
bool can_have_head(const BundleView& view);

/// Numbers that a head of `view` learns, and all floats that it needs.
uint32_t head_weights(const BundleView& view);
uint32_t head_floats(const BundleView& view);

/// A head of `view` that learned nothing yet. `floats` [head_floats], kept.
HeadF32 make_head(const BundleView& view, float* floats);

/// Fills x and probabilities; returns the most likely output, the first of equals. `x`, `logits` as
/// run_to_logits gives them.
uint16_t judge_head(HeadF32& head, const int8_t* x, const int8_t* logits);

/// One step of gradient descent on the cross entropy of the window that judge_head just judged,
/// which is of class `label`: delta -= rate / (1 + |x|^2) * gradient, so that a step changes this
/// window's logits by at most `rate`, whatever the scale of x. Returns 1 - its probability before.
float learn_head(HeadF32& head, uint16_t label, float rate);

}  // namespace kernels
}  // namespace haltere
