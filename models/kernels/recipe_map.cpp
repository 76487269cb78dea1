// The structure of a recipe: its counts, and where its parts are.
#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe.hpp"
#include "models/kernels/recipe_layout.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

void map_header(const uint8_t* bytes, RecipeView& view) {
  view.bytes = bytes;
  view.rate_hz = load_f32(bytes + at::rate_hz);
  view.window_samples = load_u16(bytes + at::window_samples);
  view.step_samples = load_u16(bytes + at::step_samples);
  view.channel_count = load_u16(bytes + at::channel_count);
  view.feature_count = load_u8(bytes + at::feature_count);
  view.channels = bytes + at::header_bytes;
  view.features = view.channels + view.channel_count * at::channel_bytes;
  view.spectrum.cosine_table = view.features + view.feature_count * at::feature_bytes;
  view.spectrum.window_samples = view.window_samples;
  view.spectrum.hann_cosine = load_f32(bytes + at::hann_cosine);
  view.spectrum.hann_sine = load_f32(bytes + at::hann_sine);
  view.spectrum.log2_points = load_u8(bytes + at::log2_points) & 15U;
  view.spectrum.taper = static_cast<Taper>(load_u8(bytes + at::log2_points) >> 4);
}

bool is_counted(const RecipeView& view) {
  if (view.channel_count == 0) return view.feature_count == 0;
  return view.window_samples >= 1 && view.window_samples <= max_window_samples &&
         view.channel_count >= 1 && view.channel_count <= max_recipe_channels &&
         view.feature_count >= 1 && view.feature_count <= max_recipe_features;
}

uint8_t vector_of(const RecipeView& view, uint16_t channel) {
  return load_u8(view.channels + channel * at::channel_bytes + at::channel_vector);
}

/// Values of one entry over all vectors.
uint32_t vector_outputs(const RecipeView& view, const FeatureSpec& feature) {
  uint32_t count = 0;
  RecipeVector vector = recipe_vector(view, 0);
  for (; vector.count != 0;
       vector = recipe_vector(view, static_cast<uint16_t>(vector.first + vector.count))) {
    count += feature_outputs(feature, vector.count);
  }
  return count;
}

/// Counts all features: those of a channel, and all; finds whether they need a spectrum.
uint32_t count_features(RecipeView& view, bool& with_spectrum) {
  uint32_t of_channel = 0;
  uint32_t of_vectors = 0;
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    const FeatureSpec feature = recipe_feature(view, i);
    with_spectrum = with_spectrum || needs_spectrum(feature.kind);
    if (is_of_vector(feature.kind)) {
      of_vectors += vector_outputs(view, feature);
    } else {
      of_channel += feature_outputs(feature, 1);
    }
  }
  view.per_channel = static_cast<uint16_t>(of_channel);  // at most 64 * 255
  return of_channel * view.channel_count + of_vectors;
}

}  // namespace

FeatureSpec recipe_feature(const RecipeView& view, uint8_t index) {
  const uint8_t* bytes = view.features + index * at::feature_bytes;
  return {static_cast<FeatureKind>(load_u8(bytes + at::feature_kind)),
          load_u8(bytes + at::feature_bands), load_f32(bytes + at::feature_from),
          load_f32(bytes + at::feature_to)};
}

uint32_t feature_outputs(const FeatureSpec& feature, uint16_t channels) {
  if (has_bands(feature.kind)) return feature.bands;
  if (feature.kind != FeatureKind::cross_correlation) return 1;
  return channels * (channels - uint32_t{1}) / 2;
}

RecipeVector recipe_vector(const RecipeView& view, uint16_t from) {
  while (from < view.channel_count && vector_of(view, from) == 0) ++from;
  uint16_t end = from;
  while (end < view.channel_count && vector_of(view, end) == vector_of(view, from)) ++end;
  return {from, static_cast<uint16_t>(end - from)};
}

bool map_recipe(const uint8_t* bytes, size_t available, RecipeView& view) {
  if (available < at::header_bytes) return false;
  map_header(bytes, view);
  if (!is_counted(view)) return false;
  view.size = static_cast<uint32_t>(view.spectrum.cosine_table - bytes);
  if (view.size > available) return false;
  bool with_spectrum = false;
  const uint32_t inputs = view.channel_count == 0 ? load_u16(bytes + at::plain_inputs)
                                                  : count_features(view, with_spectrum);
  view.inputs = static_cast<uint16_t>(inputs);
  uint8_t log2_points = 0;
  if (with_spectrum) {
    if (view.window_samples < min_spectrum_samples) return false;
    log2_points = spectrum_log2_points(view.window_samples);
    view.size += 4U * spectrum_table_entries(log2_points);
  }
  return inputs <= max_inputs && view.spectrum.log2_points == log2_points && view.size <= available;
}

uint32_t unchecked_recipe_bytes(const uint8_t* bytes) {
  const uint32_t lists = uint32_t{at::header_bytes} +
                         uint32_t{at::channel_bytes} * load_u16(bytes + at::channel_count) +
                         uint32_t{at::feature_bytes} * load_u8(bytes + at::feature_count);
  const uint8_t log2_points = load_u8(bytes + at::log2_points) & 15U;
  return log2_points == 0 ? lists : lists + 4U * spectrum_table_entries(log2_points);
}

}  // namespace kernels
}  // namespace haltere
