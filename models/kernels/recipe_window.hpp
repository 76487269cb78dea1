#pragma once

#include "models/kernels/recipe.hpp"

namespace haltere {
namespace kernels {

/// A window's samples, and what is known of them from the window before.
struct WindowView {
  const float* samples;  ///< channel c's: samples[c * stride] and the window_samples - 1 after it
  size_t stride;
  const float* sorted;  ///< [channel_count][window_samples] by order_f32; null: not known
};

/// evaluate_recipe, spared the sorting where the order is known. The same bits either way.
void evaluate_window(const RecipeView& view, const WindowView& window, float* features,
                     float* scratch);

}  // namespace kernels
}  // namespace haltere
