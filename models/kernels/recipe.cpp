#include "models/kernels/recipe.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe_layout.hpp"
#include "models/kernels/shape_f32.hpp"
#include "models/kernels/spectrum_shape_f32.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

/// What a channel's features are computed of.
struct ChannelView {
  const RecipeView& recipe;
  const float* x;       ///< [window_samples], oldest first
  float mean;           ///< of x
  const float* power;   ///< power spectrum, if a feature needs it
  const float* sorted;  ///< x in ascending order, likewise
};

/// What a rate turns per sample into per second, and cycles a sample into Hz; 1 if it is not known.
float per_second(const RecipeView& view) { return view.rate_hz > 0.0f ? view.rate_hz : 1.0f; }

/// The spectral feature `kind` that is a frequency, in bins.
float spectral_bin(FeatureKind kind, const Spectrum& spectrum, const float* power) {
  if (kind == FeatureKind::dominant_frequency)
    return static_cast<float>(dominant_bin(spectrum, power));
  if (kind == FeatureKind::spectral_centroid) return spectral_centroid_f32(spectrum, power);
  if (kind == FeatureKind::spectral_spread) return spectral_spread_f32(spectrum, power);
  return static_cast<float>(spectral_rolloff(spectrum, power));
}

float spectral_feature(FeatureKind kind, const ChannelView& channel) {
  const Spectrum& spectrum = channel.recipe.spectrum;
  if (kind == FeatureKind::spectral_entropy) return spectral_entropy_f32(spectrum, channel.power);
  if (kind == FeatureKind::dominant_amplitude)
    return tone_amplitude_f32(spectrum, channel.power, dominant_bin(spectrum, channel.power));
  const auto points = static_cast<float>(uint32_t{1} << spectrum.log2_points);
  return per_second(channel.recipe) / points * spectral_bin(kind, spectrum, channel.power);
}

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
    case FeatureKind::band_power: break;
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
    case FeatureKind::autocorrelation: return autocorrelation_f32(x, n, mean);
    case FeatureKind::dominant_frequency:
    case FeatureKind::dominant_amplitude:
    case FeatureKind::spectral_centroid:
    case FeatureKind::spectral_spread:
    case FeatureKind::spectral_entropy:
    case FeatureKind::spectral_rolloff: return spectral_feature(kind, channel);
  }
  return 0.0f;
}

size_t spectrum_floats(const RecipeView& view) {
  return view.spectrum.log2_points == 0 ? 0 : size_t{1} << view.spectrum.log2_points;
}

bool any_needs_order(const RecipeView& view) {
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    if (needs_order(recipe_feature(view, i).kind)) return true;
  }
  return false;
}

/// Puts the spectrum and the sorted window into `scratch`, as far as they are needed.
ChannelView prepare(const RecipeView& view, const float* x, float* scratch) {
  float* sorted = scratch + spectrum_floats(view);
  const size_t n = view.window_samples;
  const ChannelView channel = {view, x, mean_f32(x, n), scratch, sorted};
  if (view.spectrum.log2_points != 0) power_spectrum_f32(view.spectrum, x, channel.mean, scratch);
  if (any_needs_order(view)) {
    for (size_t i = 0; i < n; ++i) sorted[i] = x[i];
    sort_f32(sorted, n);
  }
  return channel;
}

/// Computes one channel's features; returns where the next channel's go.
float* evaluate_channel(const RecipeView& view, const float* x, float* features, float* scratch) {
  const ChannelView channel = prepare(view, x, scratch);
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureSpec feature = recipe_feature(view, i);
    if (feature.kind != FeatureKind::band_power) {
      *features++ = scalar_feature(feature.kind, channel);
      continue;
    }
    uint16_t first = recipe_first_bin(view, feature, 0);
    for (uint8_t band = 0; band < feature.bands; ++band) {
      const uint16_t last = recipe_first_bin(view, feature, static_cast<uint8_t>(band + 1));
      *features++ = band_amplitude_f32(view.spectrum, channel.power, first, last);
      first = last;
    }
  }
  return features;
}

}  // namespace

TensorType recipe_input_type(const RecipeView& view) {
  return static_cast<TensorType>(load_u8(view.bytes + at::plain_input_type));
}

TensorType recipe_output_type(const RecipeView& view) {
  return static_cast<TensorType>(load_u8(view.bytes + at::plain_output_type));
}

FeatureSpec recipe_feature(const RecipeView& view, uint8_t index) {
  const uint8_t* bytes = view.features + index * at::feature_bytes;
  return {static_cast<FeatureKind>(load_u8(bytes + at::feature_kind)),
          load_u8(bytes + at::feature_bands), load_f32(bytes + at::feature_from_hz),
          load_f32(bytes + at::feature_to_hz)};
}

const char* recipe_channel_name(const RecipeView& view, uint16_t index) {
  return reinterpret_cast<const char*>(view.channels + index * at::channel_bytes);
}

uint8_t recipe_channel_quantity(const RecipeView& view, uint16_t index) {
  return load_u8(view.channels + index * at::channel_bytes + at::channel_quantity);
}

uint16_t recipe_first_bin(const RecipeView& view, const FeatureSpec& feature, uint8_t band) {
  const float width = feature.to_hz - feature.from_hz;
  const float edge_hz =
      feature.from_hz + width * (static_cast<float>(band) / static_cast<float>(feature.bands));
  const auto half = static_cast<uint16_t>((uint32_t{1} << view.spectrum.log2_points) / 2);
  const float position = edge_hz * static_cast<float>(2U * half) / view.rate_hz;
  // Neither is a recipe's that was checked, but no float may decide where memory is read.
  if (!(position < static_cast<float>(half))) return half;
  if (!(position > 0.0f)) return 1;
  auto bin = static_cast<uint16_t>(position);
  if (static_cast<float>(bin) < position) ++bin;
  return bin == 0 ? 1 : bin;  // bin 0 is the mean, which was removed
}

size_t recipe_scratch_floats(const RecipeView& view) {
  return spectrum_floats(view) + (any_needs_order(view) ? view.window_samples : 0U);
}

void evaluate_recipe(const RecipeView& view, const float* window, size_t stride, float* features,
                     float* scratch) {
  for (uint16_t c = 0; c < view.channel_count; ++c) {
    features = evaluate_channel(view, window + c * stride, features, scratch);
  }
}

}  // namespace kernels
}  // namespace haltere
