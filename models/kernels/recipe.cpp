#include "models/kernels/recipe.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe_layout.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

float scalar_feature(FeatureKind kind, const float* x, size_t n, float mean) {
  switch (kind) {
    case FeatureKind::last: return x[n - 1];
    case FeatureKind::mean: return mean;
    case FeatureKind::std: return square_root_f32(variance_f32(x, n, mean));
    case FeatureKind::variance: return variance_f32(x, n, mean);
    case FeatureKind::rms: return square_root_f32(mean_square_f32(x, n));
    case FeatureKind::min: return extremes_f32(x, n).min;
    case FeatureKind::max: return extremes_f32(x, n).max;
    case FeatureKind::peak_to_peak: {
      const Extremes extremes = extremes_f32(x, n);
      return extremes.max - extremes.min;
    }
    case FeatureKind::zero_crossings: return static_cast<float>(mean_crossings_f32(x, n, mean));
    case FeatureKind::mean_absolute: return mean_absolute_f32(x, n);
    case FeatureKind::energy: return mean_square_f32(x, n);
    case FeatureKind::band_power: break;
  }
  return 0.0f;
}

/// Computes one channel's features; returns where the next channel's go.
float* evaluate_channel(const RecipeView& view, const float* x, float* features, float* scratch) {
  const float mean = mean_f32(x, view.window_samples);
  if (view.spectrum.log2_points != 0) power_spectrum_f32(view.spectrum, x, mean, scratch);
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureSpec feature = recipe_feature(view, i);
    if (feature.kind != FeatureKind::band_power) {
      *features++ = scalar_feature(feature.kind, x, view.window_samples, mean);
      continue;
    }
    uint16_t first = recipe_first_bin(view, feature, 0);
    for (uint8_t band = 0; band < feature.bands; ++band) {
      const uint16_t last = recipe_first_bin(view, feature, static_cast<uint8_t>(band + 1));
      *features++ = band_amplitude_f32(view.spectrum, scratch, first, last);
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
  return view.spectrum.log2_points == 0 ? 0 : size_t{1} << view.spectrum.log2_points;
}

void evaluate_recipe(const RecipeView& view, const float* window, size_t stride, float* features,
                     float* scratch) {
  for (uint16_t c = 0; c < view.channel_count; ++c) {
    features = evaluate_channel(view, window + c * stride, features, scratch);
  }
}

}  // namespace kernels
}  // namespace haltere
