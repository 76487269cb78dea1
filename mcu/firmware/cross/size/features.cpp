// What the inference core is measured against: an image that computes features, and so has the C
// library's memory functions and, where the core has no FPU, the compiler's float arithmetic.
#include "mcu/firmware/cross/size/features.hpp"

#include <string.h>

#include "models/kernels/recipe.hpp"

const uint8_t* volatile bytes;
uint8_t* volatile memory;
float* volatile values;

void compute_features() {
  using namespace haltere::kernels;
  memset(memory, bytes[0], bytes[1]);
  memmove(memory, bytes, bytes[2]);
  memcpy(memory, bytes, bytes[3]);
  RecipeView view;
  if (!open_recipe(bytes, bytes[4], view)) return;
  evaluate_recipe(view, values, view.window_samples, values, values);
  values[0] = static_cast<float>(static_cast<int32_t>(values[1] * values[2] - values[3]));
}
