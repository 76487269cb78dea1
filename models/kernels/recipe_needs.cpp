#include "models/kernels/recipe_needs.hpp"

#include "models/kernels/lanes_f32.hpp"

namespace haltere {
namespace kernels {

Needs needs_of(const RecipeView& view) {
  Needs needs = {false, false, false, false};
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureKind kind = recipe_feature(view, i).kind;
    needs.power = needs.power || needs_power(kind);
    needs.order = needs.order || needs_order(kind);
    needs.envelope = needs.envelope || needs_envelope(kind);
    needs.work = needs.work || kind == FeatureKind::wavelet_energy ||
                 kind == FeatureKind::order_amplitude || kind == FeatureKind::autocorrelation;
  }
  return needs;
}

size_t power_floats(const RecipeView& view, const Needs& needs) {
  return needs.power || needs.envelope ? lanes << view.spectrum.log2_points : 0;
}

size_t recipe_scratch_floats(const RecipeView& view) {
  const Needs needs = needs_of(view);
  const size_t n = view.window_samples;
  return power_floats(view, needs) + (needs.order ? n : 0U) +
         (needs.envelope ? lanes * n
          : needs.work   ? n
                         : 0U);
}

}  // namespace kernels
}  // namespace haltere
