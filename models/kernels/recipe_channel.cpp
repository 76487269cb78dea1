// Features of one channel alone.
#include "models/kernels/recipe_channel.hpp"

#include "models/kernels/shape_f32.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"
#include "models/kernels/tone_f32.hpp"
#include "models/kernels/wavelet_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

float peak_to_peak(const float* x, size_t n) {
  const Extremes extremes = extremes_f32(x, n);
  return extremes.max - extremes.min;
}

float scalar_feature(FeatureKind kind, const ChannelView& channel) {
  const float* x = channel.x;
  const size_t n = channel.recipe.window_samples;
  const float mean = channel.mean;
  const float* sorted = channel.sorted;
  switch (kind) {
    case FeatureKind::last: return x[n - 1];
    case FeatureKind::mean: return mean;
    case FeatureKind::std: return square_root_f32(variance_f32(x, n, mean));
    case FeatureKind::variance: return variance_f32(x, n, mean);
    case FeatureKind::rms: return square_root_f32(mean_square_f32(x, n));
    case FeatureKind::min: return extremes_f32(x, n).min;
    case FeatureKind::max: return extremes_f32(x, n).max;
    case FeatureKind::peak_to_peak: return peak_to_peak(x, n);
    case FeatureKind::zero_crossings: return static_cast<float>(mean_crossings_f32(x, n, mean));
    case FeatureKind::mean_absolute: return mean_absolute_f32(x, n);
    case FeatureKind::energy: return mean_square_f32(x, n);
    case FeatureKind::median: return quantile_f32(sorted, n, 0.5f);
    case FeatureKind::lower_quartile: return quantile_f32(sorted, n, 0.25f);
    case FeatureKind::upper_quartile: return quantile_f32(sorted, n, 0.75f);
    case FeatureKind::quartile_range:
      return quantile_f32(sorted, n, 0.75f) - quantile_f32(sorted, n, 0.25f);
    case FeatureKind::mean_deviation: return mean_deviation_f32(x, n, mean);
    case FeatureKind::skewness: return skewness_f32(x, n, mean);
    case FeatureKind::kurtosis: return kurtosis_f32(x, n, mean);
    case FeatureKind::crest_factor: return crest_factor_f32(x, n);
    case FeatureKind::sign_changes: return static_cast<float>(mean_crossings_f32(x, n, 0.0f));
    case FeatureKind::slope: return per_second(channel.recipe) * slope_f32(x, n, mean);
    case FeatureKind::jerk: return per_second(channel.recipe) * mean_change_f32(x, n);
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

}  // namespace kernels
}  // namespace haltere
