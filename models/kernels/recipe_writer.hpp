#pragma once

#include "models/kernels/recipe.hpp"

namespace haltere {
namespace kernels {

struct RecipeChannel {
  char name[name_bytes];  ///< UTF-8, zero-padded, not empty
  uint8_t quantity;       ///< code of sensors::Quantity
  uint8_t vector = 0;     ///< consecutive channels of one number above 0 belong together
};

/// Everything a recipe says, before it is bytes.
struct RecipeContents {
  float rate_hz;
  uint16_t window_samples;
  uint16_t step_samples;
  const RecipeChannel* channels;
  uint16_t channel_count;
  const FeatureSpec* features;
  uint8_t feature_count;
  Taper taper = Taper::hann;  ///< of spectra
};

/// Bytes that write_recipe writes.
size_t recipe_bytes(const RecipeContents& contents);

/// Writes the recipe to out [recipe_bytes], with the constants of the spectrum. It does not judge
/// the contents: open_recipe on the result does.
void write_recipe(const RecipeContents& contents, uint8_t* out);

}  // namespace kernels
}  // namespace haltere
