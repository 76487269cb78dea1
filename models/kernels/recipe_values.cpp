// What a recipe may hold.
#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/recipe_layout.hpp"
#include "models/kernels/text.hpp"
#include "models/kernels/wavelet_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

bool is_finite_between(float value, float low, float high) {
  return is_finite(value) && value >= low && value <= high;
}

bool is_positive_to(float value, float high) {
  return is_finite_between(value, 0.0f, high) && value > 0.0f;
}

/// Every band holds at least one bin, and all bins exist.
bool have_bands_bins(const RecipeView& view, const FeatureSpec& feature) {
  for (uint8_t band = 0; band < feature.bands; ++band) {
    if (recipe_first_bin(view, feature, band) >=
        recipe_first_bin(view, feature, static_cast<uint8_t>(band + 1)))
      return false;
  }
  return true;
}

bool are_edges_valid(const FeatureSpec& feature, float half_rate_hz) {
  return is_finite_between(feature.to, 0.0f, half_rate_hz) &&
         is_finite_between(feature.from, 0.0f, feature.to) && feature.from < feature.to;
}

/// What a kind says beside its name, with 1 to max_bands bands.
bool is_banded_feature_valid(const RecipeView& view, const FeatureSpec& feature) {
  const float half_rate_hz = 0.5f * view.rate_hz;
  const auto bands = static_cast<float>(feature.bands);
  switch (feature.kind) {
    case FeatureKind::band_power:
      return are_edges_valid(feature, half_rate_hz) && have_bands_bins(view, feature);
    case FeatureKind::log_mel: return are_edges_valid(feature, half_rate_hz);
    case FeatureKind::wavelet_energy:
      return feature.bands <= most_wavelet_levels(view.window_samples) &&
             bits_of(feature.from) == 0 && bits_of(feature.to) == 0;
    case FeatureKind::order_amplitude:
      return is_positive_to(feature.from, half_rate_hz) && is_positive_to(feature.to, 1e6f) &&
             bands * feature.from * feature.to <= half_rate_hz;
    case FeatureKind::envelope_power:
      return feature.from < half_rate_hz && is_positive_to(feature.from, half_rate_hz) &&
             is_positive_to(feature.to, feature.from) && have_bands_bins(view, feature);
    default:
      return feature.to < half_rate_hz && is_positive_to(feature.to, half_rate_hz) &&
             is_positive_to(feature.from, feature.to) && bands * feature.from <= feature.to;
  }
}

bool is_feature_valid(const RecipeView& view, uint8_t index) {
  const uint8_t* bytes = view.features + index * at::feature_bytes;
  if (load_u8(bytes + at::feature_kind) >= feature_kinds || load_u16(bytes + 2) != 0) return false;
  const FeatureSpec feature = recipe_feature(view, index);
  if (has_bands(feature.kind))
    return feature.bands >= 1 && feature.bands <= max_bands &&
           is_banded_feature_valid(view, feature);
  if (feature.kind == FeatureKind::quantile)
    return feature.bands == 0 && is_finite_between(feature.from, 0.0f, 1.0f) &&
           bits_of(feature.to) == 0;
  return all_zero(bytes + 1, at::feature_bytes - 1);
}

bool are_features_valid(const RecipeView& view) {
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    if (!is_feature_valid(view, i)) return false;
  }
  return true;
}

bool are_channels_valid(const RecipeView& view) {
  for (uint16_t c = 0; c < view.channel_count; ++c) {
    const uint8_t* channel = view.channels + c * at::channel_bytes;
    if (!is_padded_text(channel, name_bytes) ||
        !all_zero(channel + at::channel_vector + 1, at::channel_bytes - at::channel_vector - 1))
      return false;
  }
  return true;
}

bool is_spectrum_valid(const Spectrum& spectrum) {
  const uint16_t entries = spectrum_table_entries(spectrum.log2_points);
  for (uint16_t i = 0; i < entries; ++i) {
    if (!is_finite_between(load_f32(spectrum.cosine_table + size_t{4} * i), -1.0f, 1.0f))
      return false;
  }
  return static_cast<uint8_t>(spectrum.taper) < tapers &&
         is_finite_between(spectrum.hann_cosine, -1.0f, 1.0f) &&
         is_finite_between(spectrum.hann_sine, -1.0f, 1.0f);
}

/// A recipe of no channels: the inputs come as they are.
bool is_plain_recipe_valid(const uint8_t* bytes) {
  return load_u32(bytes) == 0 && load_u32(bytes + at::window_samples) == 0x00010001U &&
         load_u32(bytes + at::channel_count) == 0 &&
         load_u8(bytes + at::plain_input_type) < tensor_types &&
         load_u8(bytes + at::plain_output_type) < tensor_types &&
         load_u32(bytes + at::plain_reserved) == 0;
}

}  // namespace

bool is_recipe_valid(const RecipeView& view) {
  if (view.channel_count == 0) return is_plain_recipe_valid(view.bytes);
  if (!is_finite_between(view.rate_hz, 0.0f, 1e9f) || view.step_samples < 1) return false;
  if (view.inputs == 0) return false;
  if (!are_channels_valid(view) || !are_features_valid(view)) return false;
  if (view.spectrum.log2_points != 0) return is_spectrum_valid(view.spectrum);
  return all_zero(view.bytes + at::log2_points, at::header_bytes - at::log2_points);
}

bool open_recipe(const uint8_t* bytes, size_t available, RecipeView& view) {
  return map_recipe(bytes, available, view) && is_recipe_valid(view);
}

}  // namespace kernels
}  // namespace haltere
