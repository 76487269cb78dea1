#pragma once

#include "models/kernels/pane_f32.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere {
namespace kernels {

/// What the features of a recipe need beside the window.
struct Needs {
  PaneNeeds pane;  ///< of channels alone
  bool power;
  bool order;
  bool work;      ///< a channel's samples once more
  bool envelope;  ///< those of all lanes
};

Needs needs_of(const RecipeView& view);

/// What features of channels and of vectors need of a channel's pane.
PaneNeeds pane_needs_of(const RecipeView& view);

/// Floats for the powers of all lanes.
size_t power_floats(const RecipeView& view, const Needs& needs);

}  // namespace kernels
}  // namespace haltere
