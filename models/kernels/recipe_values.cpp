// What a recipe may hold.
#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/recipe_layout.hpp"
#include "models/kernels/text.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

constexpr uint8_t max_bands = 64;

bool is_finite_between(float value, float low, float high) {
  return is_finite(value) && value >= low && value <= high;
}

/// Every band holds at least one bin, and all bins exist.
bool are_bands_valid(const RecipeView& view, const FeatureSpec& feature) {
  if (feature.bands < 1 || feature.bands > max_bands) return false;
  if (!is_finite_between(feature.to_hz, 0.0f, 0.5f * view.rate_hz)) return false;
  if (!is_finite_between(feature.from_hz, 0.0f, feature.to_hz)) return false;
  if (!(feature.from_hz < feature.to_hz)) return false;
  for (uint8_t band = 0; band < feature.bands; ++band) {
    if (recipe_first_bin(view, feature, band) >=
        recipe_first_bin(view, feature, static_cast<uint8_t>(band + 1)))
      return false;
  }
  return true;
}

bool is_feature_valid(const RecipeView& view, uint8_t index) {
  const uint8_t* bytes = view.features + index * at::feature_bytes;
  if (load_u8(bytes + at::feature_kind) >= feature_kinds || load_u16(bytes + 2) != 0) return false;
  const FeatureSpec feature = recipe_feature(view, index);
  if (feature.kind == FeatureKind::band_power) return are_bands_valid(view, feature);
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
        !all_zero(channel + at::channel_quantity + 1, at::channel_bytes - at::channel_quantity - 1))
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
  return is_finite_between(spectrum.hann_cosine, -1.0f, 1.0f) &&
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
  if (!are_channels_valid(view) || !are_features_valid(view)) return false;
  if (view.spectrum.log2_points != 0) return is_spectrum_valid(view.spectrum);
  return all_zero(view.bytes + at::hann_cosine, at::header_bytes - at::hann_cosine);
}

bool open_recipe(const uint8_t* bytes, size_t available, RecipeView& view) {
  return map_recipe(bytes, available, view) && is_recipe_valid(view);
}

}  // namespace kernels
}  // namespace haltere
