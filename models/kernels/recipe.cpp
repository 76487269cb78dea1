#include "models/kernels/recipe.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/recipe_layout.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"
#include "models/kernels/text.hpp"

namespace haltere {
namespace kernels {
namespace {

namespace at = recipe_layout;

constexpr uint8_t max_bands = 64;

bool is_finite_between(float value, float low, float high) {
  return is_finite(value) && value >= low && value <= high;
}

size_t outputs_of(const FeatureSpec& feature) {
  return feature.kind == FeatureKind::band_power ? feature.bands : 1;
}

/// Every band holds at least one bin, and all bins exist.
bool are_bands_valid(const RecipeView& view, const FeatureSpec& feature) {
  if (feature.bands < 1 || feature.bands > max_bands) return false;
  if (view.window_samples < min_spectrum_samples) return false;
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
  if (bytes[at::feature_kind] >= feature_kinds || load_u16(bytes + 2) != 0) return false;
  const FeatureSpec feature = recipe_feature(view, index);
  if (feature.kind == FeatureKind::band_power) return are_bands_valid(view, feature);
  return all_zero(bytes + 1, at::feature_bytes - 1);
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

/// Checks the feature list; adds up what it yields per channel and whether it needs a spectrum.
bool read_features(RecipeView& view, size_t& per_channel, bool& needs_spectrum) {
  // The number of points decides where bins lie, so it is set before the bands are looked at.
  view.spectrum.log2_points = spectrum_log2_points(view.window_samples);
  per_channel = 0;
  needs_spectrum = false;
  for (uint8_t i = 0; i < view.feature_count; ++i) {
    if (!is_feature_valid(view, i)) return false;
    const FeatureSpec feature = recipe_feature(view, i);
    per_channel += outputs_of(feature);
    needs_spectrum = needs_spectrum || feature.kind == FeatureKind::band_power;
  }
  return true;
}

size_t table_entries(const Spectrum& spectrum) {
  return (size_t{1} << spectrum.log2_points) / 4 + 1;
}

/// Reads the spectrum's constants. `available`: bytes from the cosine table on.
bool read_spectrum(RecipeView& view, size_t available) {
  const uint8_t* bytes = view.bytes;
  Spectrum& spectrum = view.spectrum;
  spectrum.window_samples = view.window_samples;
  spectrum.hann_cosine = load_f32(bytes + at::hann_cosine);
  spectrum.hann_sine = load_f32(bytes + at::hann_sine);
  if (bytes[at::log2_points] != spectrum.log2_points) return false;
  if (available < 4 * table_entries(spectrum)) return false;
  for (size_t i = 0; i < table_entries(spectrum); ++i) {
    if (!is_finite_between(load_f32(spectrum.cosine_table + 4 * i), -1.0f, 1.0f)) return false;
  }
  return is_finite_between(spectrum.hann_cosine, -1.0f, 1.0f) &&
         is_finite_between(spectrum.hann_sine, -1.0f, 1.0f);
}

bool read_header(RecipeView& view, size_t available) {
  const uint8_t* bytes = view.bytes;
  if (available < at::header_bytes) return false;
  view.rate_hz = load_f32(bytes + at::rate_hz);
  view.window_samples = load_u16(bytes + at::window_samples);
  view.step_samples = load_u16(bytes + at::step_samples);
  view.channel_count = load_u16(bytes + at::channel_count);
  view.feature_count = bytes[at::feature_count];
  return is_finite_between(view.rate_hz, 0.0f, 1e9f) && view.window_samples >= 1 &&
         view.window_samples <= max_window_samples && view.step_samples >= 1 &&
         view.channel_count >= 1 && view.channel_count <= max_recipe_channels &&
         view.feature_count >= 1 && view.feature_count <= max_recipe_features;
}

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

/// A recipe of no channels: the inputs come as they are.
bool open_plain_recipe(RecipeView& view) {
  const uint8_t* bytes = view.bytes;
  view.rate_hz = 0.0f;
  view.window_samples = 1;
  view.step_samples = 1;
  view.channel_count = 0;
  view.feature_count = 0;
  view.channels = bytes + at::header_bytes;
  view.features = view.channels;
  view.spectrum.log2_points = 0;
  view.inputs = load_u16(bytes + at::plain_inputs);
  view.size = static_cast<uint32_t>(at::header_bytes);
  return load_u32(bytes) == 0 && load_u32(bytes + at::window_samples) == 0x00010001U &&
         load_u32(bytes + at::channel_count) == 0 && view.inputs <= max_inputs &&
         bytes[at::plain_input_type] < tensor_types &&
         bytes[at::plain_output_type] < tensor_types && load_u32(bytes + at::plain_reserved) == 0;
}

}  // namespace

bool open_recipe(const uint8_t* bytes, size_t available, RecipeView& view) {
  view.bytes = bytes;
  if (available >= at::header_bytes && load_u16(bytes + at::channel_count) == 0)
    return open_plain_recipe(view);
  if (!read_header(view, available)) return false;
  const size_t lists = at::header_bytes + size_t{view.channel_count} * at::channel_bytes +
                       size_t{view.feature_count} * at::feature_bytes;
  if (available < lists) return false;
  view.channels = bytes + at::header_bytes;
  view.features = view.channels + size_t{view.channel_count} * at::channel_bytes;
  view.spectrum.cosine_table = bytes + lists;
  size_t per_channel = 0;
  bool needs_spectrum = false;
  if (!are_channels_valid(view) || !read_features(view, per_channel, needs_spectrum)) return false;
  const uint32_t inputs = view.channel_count * static_cast<uint32_t>(per_channel);
  if (inputs > max_inputs) return false;
  view.inputs = static_cast<uint16_t>(inputs);
  view.size = static_cast<uint32_t>(lists);
  if (needs_spectrum) {
    view.size += static_cast<uint32_t>(4 * table_entries(view.spectrum));
    return read_spectrum(view, available - lists);
  }
  view.spectrum.log2_points = 0;
  return bytes[at::log2_points] == 0 &&
         all_zero(bytes + at::hann_cosine, at::header_bytes - at::hann_cosine);
}

TensorType recipe_input_type(const RecipeView& view) {
  return static_cast<TensorType>(view.bytes[at::plain_input_type]);
}

TensorType recipe_output_type(const RecipeView& view) {
  return static_cast<TensorType>(view.bytes[at::plain_output_type]);
}

FeatureSpec recipe_feature(const RecipeView& view, uint8_t index) {
  const uint8_t* bytes = view.features + index * at::feature_bytes;
  return {static_cast<FeatureKind>(bytes[at::feature_kind]), bytes[at::feature_bands],
          load_f32(bytes + at::feature_from_hz), load_f32(bytes + at::feature_to_hz)};
}

const char* recipe_channel_name(const RecipeView& view, uint16_t index) {
  return reinterpret_cast<const char*>(view.channels + index * at::channel_bytes);
}

uint8_t recipe_channel_quantity(const RecipeView& view, uint16_t index) {
  return view.channels[index * at::channel_bytes + at::channel_quantity];
}

uint16_t recipe_first_bin(const RecipeView& view, const FeatureSpec& feature, uint8_t band) {
  const float width = feature.to_hz - feature.from_hz;
  const float edge_hz =
      feature.from_hz + width * (static_cast<float>(band) / static_cast<float>(feature.bands));
  const auto half = static_cast<uint16_t>((uint32_t{1} << view.spectrum.log2_points) / 2);
  const float position = edge_hz * static_cast<float>(2U * half) / view.rate_hz;
  if (position >= static_cast<float>(half)) return half;
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
