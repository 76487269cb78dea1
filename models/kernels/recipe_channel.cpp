// Features of one channel alone.
#include "models/kernels/recipe_channel.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/shape_f32.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"
#include "models/kernels/tone_f32.hpp"
#include "models/kernels/wavelet_f32.hpp"
#include "models/kernels/window_panes.hpp"

namespace haltere {
namespace kernels {
namespace {

float scalar_feature(FeatureKind kind, const ChannelView& channel) {
  const float* x = channel.x;
  const size_t n = channel.recipe.window_samples;
  const float mean = channel.mean;
  const float* sorted = channel.sorted;
  const Pane& pane = channel.pane;
  switch (kind) {
    case FeatureKind::last: return x[n - 1];
    case FeatureKind::mean: return mean;
    case FeatureKind::std: return square_root_f32(pane.variance);
    case FeatureKind::variance: return pane.variance;
    case FeatureKind::rms: return square_root_f32(mean_square_of(pane));
    case FeatureKind::min: return pane.min;
    case FeatureKind::max: return pane.max;
    case FeatureKind::peak_to_peak: return pane.max - pane.min;
    case FeatureKind::zero_crossings: return static_cast<float>(mean_crossings_f32(x, n, mean));
    case FeatureKind::mean_absolute: return pane.magnitudes / pane.count;
    case FeatureKind::energy: return mean_square_of(pane);
    case FeatureKind::median: return quantile_f32(sorted, n, 0.5f);
    case FeatureKind::lower_quartile: return quantile_f32(sorted, n, 0.25f);
    case FeatureKind::upper_quartile: return quantile_f32(sorted, n, 0.75f);
    case FeatureKind::quartile_range:
      return quantile_f32(sorted, n, 0.75f) - quantile_f32(sorted, n, 0.25f);
    case FeatureKind::mean_deviation: return mean_deviation_f32(x, n, mean);
    case FeatureKind::skewness: return skewness_of(pane);
    case FeatureKind::kurtosis: return kurtosis_of(pane);
    case FeatureKind::crest_factor: return crest_factor_of(pane);
    case FeatureKind::sign_changes: return pane.crossings;
    case FeatureKind::slope: return per_second(channel.recipe) * slope_of(pane);
    case FeatureKind::jerk: return per_second(channel.recipe) * mean_change_of(pane);
    case FeatureKind::autocorrelation: return autocorrelation_f32(x, n, mean, channel.work);
    default: return 0.0f;  // those of several values, and of more than the channel itself
  }
}

/// Amplitudes of the shaft's speed times order times 1, 2, ...
void order_amplitudes(const FeatureSpec& feature, const ChannelView& channel, float* out) {
  const RecipeView& recipe = channel.recipe;
  taper_f32(recipe.spectrum, channel.x, channel.mean, channel.work);
  const float cycles = feature.from * feature.to / recipe.rate_hz;
  for (uint8_t i = 0; i < feature.bands; ++i)
    out[i] = tone_rms_f32(recipe.spectrum, channel.work, static_cast<float>(i + 1) * cycles);
}

}  // namespace

Pane channel_pane(const RecipeView& recipe, const float* x, const PaneNeeds& needs,
                  float* scratch) {
  return window_pane(
      WindowPanes(recipe.window_samples, recipe.step_samples),
      [&](size_t first, size_t count) { return pane_of_f32(x + first, count, needs); },
      [&](Pane& pane, const Pane& next) { append_pane(pane, next, needs); },
      panes_in<Pane>(scratch));
}

void evaluate_entry(const FeatureSpec& feature, const ChannelView& channel, float* out) {
  const size_t n = channel.recipe.window_samples;
  if (feature.kind == FeatureKind::wavelet_energy) {
    return wavelet_energy_f32(channel.x, n, channel.mean, feature.bands, channel.work, out);
  }
  if (feature.kind == FeatureKind::order_amplitude) return order_amplitudes(feature, channel, out);
  if (feature.kind == FeatureKind::quantile) {
    *out = quantile_f32(channel.sorted, n, feature.from);
    return;
  }
  *out = scalar_feature(feature.kind, channel);
}

void limit_features(float* values, size_t count) {
  constexpr uint32_t sign_bit = 0x80000000U;
  constexpr uint32_t infinity_bits = 0x7f800000U;
  for (size_t i = 0; i < count; ++i) {
    if (is_finite(values[i])) continue;
    const uint32_t bits = bits_of(values[i]);
    const bool is_number = (bits & ~sign_bit) == infinity_bits;
    values[i] = is_number ? float_of((bits & sign_bit) | (infinity_bits - 1)) : 0.0f;
  }
}

}  // namespace kernels
}  // namespace haltere
