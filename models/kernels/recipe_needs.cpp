#include "models/kernels/recipe_needs.hpp"

#include "models/kernels/lanes_f32.hpp"
#include "models/kernels/window_panes.hpp"

namespace haltere {
namespace kernels {
namespace {

void add_needs(FeatureKind kind, PaneNeeds& needs) {
  const bool of_shape = kind == FeatureKind::skewness || kind == FeatureKind::kurtosis;
  const bool of_crest = kind == FeatureKind::crest_factor;
  const bool of_squares = kind == FeatureKind::rms || kind == FeatureKind::energy;
  const bool of_spread = kind == FeatureKind::std || kind == FeatureKind::variance;
  const bool of_range = kind >= FeatureKind::min && kind <= FeatureKind::peak_to_peak;
  needs.variance = needs.variance || of_spread || of_squares || of_shape || of_crest;
  needs.shape = needs.shape || of_shape;
  needs.magnitudes = needs.magnitudes || kind == FeatureKind::mean_absolute ||
                     kind == FeatureKind::signal_magnitude_area;
  needs.extremes = needs.extremes || of_range || of_crest;
  needs.crossings = needs.crossings || kind == FeatureKind::sign_changes;
  needs.changes = needs.changes || kind == FeatureKind::jerk;
  needs.trend = needs.trend || kind == FeatureKind::slope;
}

}  // namespace

PaneNeeds pane_needs_of(const RecipeView& view) {
  PaneNeeds needs = {};
  for (uint8_t i = 0; i < view.feature_count; ++i) add_needs(recipe_feature(view, i).kind, needs);
  return needs;
}

Needs needs_of(const RecipeView& view) {
  Needs needs = {};
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureKind kind = recipe_feature(view, i).kind;
    if (!is_of_vector(kind)) add_needs(kind, needs.pane);
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
  const size_t floats = power_floats(view, needs) + (needs.order ? n : 0U) +
                        (needs.envelope ? lanes * n
                         : needs.work   ? n
                                        : 0U);
  // Before any of that is there.
  const size_t panes = WindowPanes(n, view.step_samples).stack() * (sizeof(Pane) / sizeof(float));
  return floats > panes ? floats : panes;
}

}  // namespace kernels
}  // namespace haltere
