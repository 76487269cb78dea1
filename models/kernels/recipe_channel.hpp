#pragma once

#include "models/kernels/recipe.hpp"

namespace haltere {
namespace kernels {

/// What one channel's features are computed of.
struct ChannelView {
  const RecipeView& recipe;
  const float* x;       ///< [window_samples], oldest first
  float mean;           ///< of x
  const float* sorted;  ///< x in ascending order, if a feature needs it
  float* work;          ///< [window_samples]
};

/// Computes one entry that needs neither power nor envelope nor other channels into out
/// [feature_outputs].
void evaluate_entry(const FeatureSpec& feature, const ChannelView& channel, float* out);

/// What a rate turns per sample into per second, and cycles a sample into Hz; 1 if it is not known.
inline float per_second(const RecipeView& view) {
  return view.rate_hz > 0.0f ? view.rate_hz : 1.0f;
}

}  // namespace kernels
}  // namespace haltere
