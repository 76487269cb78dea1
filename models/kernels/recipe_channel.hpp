#pragma once

#include "models/kernels/pane_f32.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere {
namespace kernels {

/// What one channel's features are computed of.
struct ChannelView {
  const RecipeView& recipe;
  const float* x;       ///< [window_samples], oldest first
  const Pane& pane;     ///< of x, with what recipe_needs.hpp says
  float mean;           ///< of x
  const float* sorted;  ///< x in ascending order, if a feature needs it
  float* work;          ///< [window_samples]
};

/// Computes one entry that needs neither power nor envelope nor other channels into out
/// [feature_outputs].
void evaluate_entry(const FeatureSpec& feature, const ChannelView& channel, float* out);

/// Of a channel's window x [window_samples]; scratch [recipe_scratch_floats].
Pane channel_pane(const RecipeView& recipe, const float* x, const PaneNeeds& needs, float* scratch);

/// Panes in floats of scratch.
template <typename Pane>
Pane* panes_in(float* scratch) {
  return static_cast<Pane*>(static_cast<void*>(scratch));
}

/// Makes of values [count] numbers that a net can take.
void limit_features(float* values, size_t count);

/// What a rate turns per sample into per second, and cycles a sample into Hz; 1 if it is not known.
inline float per_second(const RecipeView& view) {
  return view.rate_hz > 0.0f ? view.rate_hz : 1.0f;
}

}  // namespace kernels
}  // namespace haltere
