// Features of channels that belong together.
#include "models/kernels/recipe_channel.hpp"
#include "models/kernels/recipe_window.hpp"
#include "models/kernels/vector_f32.hpp"
#include "models/kernels/window_panes.hpp"

namespace haltere {
namespace kernels {
namespace {

/// One vector of a window.
class VectorGroup {
 public:
  VectorGroup(const RecipeView& view, const WindowView& window, RecipeVector vector, float* scratch)
      : window_(window), view_(view), vector_(vector), scratch_(scratch) {}

  float signal_magnitude_area() const {
    float sum = 0.0f;
    for (size_t c = vector_.first; c < size_t{vector_.first} + vector_.count; ++c)
      sum += magnitudes(c) / static_cast<float>(view_.window_samples);
    return sum;
  }

  /// Writes one value per pair; returns where the next go. `pair`: of the recipe's.
  float* correlations(size_t& pair, float* out) const {
    const size_t end = size_t{vector_.first} + vector_.count;
    for (size_t a = vector_.first; a + 1 < end; ++a) {
      for (size_t b = a + 1; b < end; ++b, ++pair)
        *out++ = correlation_of(window_.pairs != nullptr ? window_.pairs[pair] : pair_pane(a, b));
    }
    return out;
  }

 private:
  const float* channel(size_t c) const { return window_.samples + c * window_.stride; }

  float magnitudes(size_t c) const {
    if (window_.panes != nullptr) return window_.panes[c].magnitudes;
    PaneNeeds needs = {};
    needs.magnitudes = true;
    return channel_pane(view_, channel(c), needs, scratch_).magnitudes;
  }

  PairPane pair_pane(size_t a, size_t b) const {
    const float* x = channel(a);
    const float* y = channel(b);
    return window_pane(
        WindowPanes(view_.window_samples, view_.step_samples),
        [&](size_t first, size_t count) { return pair_pane_of_f32(x + first, y + first, count); },
        append_pair_pane, panes_in<PairPane>(scratch_));
  }

  const WindowView& window_;
  const RecipeView& view_;
  RecipeVector vector_;
  float* scratch_;
};

}  // namespace

void evaluate_vectors(const RecipeView& view, const WindowView& window, float* features,
                      float* scratch) {
  float* out = features;
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureSpec feature = recipe_feature(view, i);
    if (!is_of_vector(feature.kind)) continue;
    size_t pair = 0;
    RecipeVector vector = recipe_vector(view, 0);
    for (; vector.count != 0;
         vector = recipe_vector(view, static_cast<uint16_t>(vector.first + vector.count))) {
      const VectorGroup group(view, window, vector, scratch);
      if (feature.kind == FeatureKind::cross_correlation) {
        out = group.correlations(pair, out);
      } else {
        *out++ = group.signal_magnitude_area();
      }
    }
  }
  limit_features(features, static_cast<size_t>(out - features));
}

void evaluate_vectors(const RecipeView& view, const float* window, size_t stride, float* features,
                      float* scratch) {
  evaluate_vectors(view, {window, stride, nullptr, nullptr, nullptr}, features, scratch);
}

}  // namespace kernels
}  // namespace haltere
