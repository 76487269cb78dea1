#pragma once

#include "models/kernels/pane_f32.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/vector_f32.hpp"

namespace haltere {
namespace kernels {

/// A window's samples, and what is known of them from the window before.
struct WindowView {
  const float* samples;  ///< channel c's: samples[c * stride] and the window_samples - 1 after it
  size_t stride;
  const float* sorted;    ///< [channel_count][window_samples] by order_f32; null: not known
  const Pane* panes;      ///< [channel_count] with pane_needs_of the recipe; null: not known
  const PairPane* pairs;  ///< of each vector's pairs, as cross_correlation; null: not known
};

/// evaluate_recipe, spared the sorting where the order is known and adding up where the panes are
/// (window_panes.hpp). The same bits either way.
void evaluate_window(const RecipeView& view, const WindowView& window, float* features,
                     float* scratch);

/// The part of that which is of vectors.
void evaluate_vectors(const RecipeView& view, const WindowView& window, float* features,
                      float* scratch);

}  // namespace kernels
}  // namespace haltere
