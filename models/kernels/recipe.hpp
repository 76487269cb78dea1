#pragma once

#include <stddef.h>
#include <stdint.h>

#include "models/kernels/spectrum_f32.hpp"

namespace haltere {
namespace kernels {

/// A feature computed of one channel's window. The codes are part of the bundle format.
enum class FeatureKind : uint8_t {
  last = 0,            ///< the newest sample
  mean = 1,            ///< mean_f32
  std = 2,             ///< square root of variance_f32
  variance = 3,        ///< variance_f32
  rms = 4,             ///< square root of mean_square_f32
  min = 5,             ///< smallest sample
  max = 6,             ///< largest sample
  peak_to_peak = 7,    ///< max - min
  zero_crossings = 8,  ///< mean_crossings_f32, as a count per window
  mean_absolute = 9,   ///< mean_absolute_f32
  energy = 10,         ///< mean_square_f32
  band_power = 11,     ///< one RMS amplitude per band: band_amplitude_f32
  median = 12,         ///< quantile_f32
  lower_quartile = 13,
  upper_quartile = 14,
  quartile_range = 15,         ///< upper_quartile - lower_quartile
  mean_deviation = 16,         ///< mean_deviation_f32
  skewness = 17,               ///< skewness_f32
  kurtosis = 18,               ///< kurtosis_f32
  crest_factor = 19,           ///< crest_factor_f32
  sign_changes = 20,           ///< crossings of 0, as a count per window
  slope = 21,                  ///< slope_f32, per second
  jerk = 22,                   ///< mean_change_f32, per second
  autocorrelation = 23,        ///< autocorrelation_f32
  dominant_frequency = 24,     ///< dominant_bin, in Hz
  dominant_amplitude = 25,     ///< tone_amplitude about it
  spectral_centroid = 26,      ///< spectral_centroid, in Hz
  spectral_spread = 27,        ///< spectral_moments, in Hz
  spectral_entropy = 28,       ///< spectral_entropy
  spectral_rolloff = 29,       ///< spectral_rolloff, in Hz
  spectral_skewness = 30,      ///< spectral_moments
  spectral_kurtosis = 31,      ///< spectral_moments
  wavelet_energy = 32,         ///< one per level: wavelet_energy_f32
  log_mel = 33,                ///< one per band: log_mel
  order_amplitude = 34,        ///< one per harmonic of an order of a shaft's speed: tone_rms_f32
  envelope_power = 35,         ///< one RMS amplitude per band of envelope_f32
  envelope_tone = 36,          ///< one per harmonic: tone_rms_f32 of envelope_f32
  quantile = 37,               ///< quantile_f32
  signal_magnitude_area = 38,  ///< one per vector: signal_magnitude_area_f32
  cross_correlation = 39,      ///< one per pair of a vector's channels: correlation_f32
};
constexpr uint8_t feature_kinds = 40;

/// Whether `kind` has one value per channel and band, level or harmonic.
constexpr bool has_bands(FeatureKind kind) {
  return kind == FeatureKind::band_power ||
         (kind >= FeatureKind::wavelet_energy && kind <= FeatureKind::envelope_tone);
}

/// Whether `kind` is computed of the envelope.
constexpr bool needs_envelope(FeatureKind kind) {
  return kind == FeatureKind::envelope_power || kind == FeatureKind::envelope_tone;
}

/// Whether `kind` is computed of several channels that belong together.
constexpr bool is_of_vector(FeatureKind kind) { return kind >= FeatureKind::signal_magnitude_area; }

/// Whether `kind` is computed of the channel's power spectrum.
constexpr bool needs_power(FeatureKind kind) {
  return kind == FeatureKind::band_power || kind == FeatureKind::log_mel ||
         (kind >= FeatureKind::dominant_frequency && kind <= FeatureKind::spectral_kurtosis);
}

/// Whether `kind` needs the spectrum's constants in the recipe.
constexpr bool needs_spectrum(FeatureKind kind) {
  return needs_power(kind) || needs_envelope(kind) || kind == FeatureKind::order_amplitude;
}

/// Whether `kind` is computed of the sorted window.
constexpr bool needs_order(FeatureKind kind) {
  return (kind >= FeatureKind::median && kind <= FeatureKind::quartile_range) ||
         kind == FeatureKind::quantile;
}

constexpr uint16_t max_recipe_channels = 4096;
constexpr uint8_t max_recipe_features = 64;  ///< entries of the feature list
constexpr uint8_t max_bands = 64;            ///< of one entry
constexpr uint16_t max_inputs = 4096;        ///< features of a window, inputs of a net
constexpr size_t name_bytes = 16;            ///< names and labels: UTF-8, zero-padded

/// How a model that takes its inputs as they are expects them, and gives its outputs. The codes are
/// part of the bundle format.
enum class TensorType : uint8_t { int8 = 0, float32 = 1 };
constexpr uint8_t tensor_types = 2;

/// One entry of a recipe's feature list; it is computed for every channel, or every vector. Bands,
/// `from` and `to` are 0 where nothing is said of them.
struct FeatureSpec {
  FeatureKind kind;
  uint8_t bands;  ///< where has_bands: how many bands, levels or harmonics
  float from;     ///< Hz. band_power, log_mel: lower edge of the first band; order_amplitude: speed
                  ///< of the shaft; envelope_power: corner; envelope_tone: the first tone;
                  ///< quantile: the share that lies below (0..1)
  float to;       ///< Hz. band_power, log_mel, envelope_power: upper edge of the last band, at most
                  ///< rate / 2; order_amplitude: the order (a ratio); envelope_tone: corner
};

/// How raw samples become a net's inputs, read in place from its bytes (see models/format.md).
struct RecipeView {
  const uint8_t* bytes;
  uint32_t size;            ///< bytes of the whole recipe
  float rate_hz;            ///< 0 = unknown
  uint16_t window_samples;  ///< N
  uint16_t step_samples;    ///< a window is due every so many samples
  uint16_t channel_count;   ///< 0: the inputs come as they are
  uint8_t feature_count;
  uint16_t inputs;       ///< features of one window: of all channels, then of the vectors
  uint16_t per_channel;  ///< those of one channel
  const uint8_t* channels;
  const uint8_t* features;
  Spectrum spectrum;  ///< log2_points 0 when no feature needs it
};

/// Checks the recipe at the start of `bytes` (4-aligned) and describes it. False when it is cut
/// off, breaks a limit, or holds a value that the format does not allow; `view` is then
/// unspecified.
bool open_recipe(const uint8_t* bytes, size_t available, RecipeView& view);

/// The structure alone: every count and length. Enough for a recipe that was opened before; of any
/// other, nothing below leaves its arrays, but what it computes is unspecified. False as above, for
/// what it looks at.
bool map_recipe(const uint8_t* bytes, size_t available, RecipeView& view);

/// How long the recipe at `bytes` says it is, from its header alone.
uint32_t unchecked_recipe_bytes(const uint8_t* bytes);

/// The rest of open_recipe: every value of a mapped recipe.
bool is_recipe_valid(const RecipeView& view);

/// Of a recipe of no channels: in which type inputs come and outputs leave.
TensorType recipe_input_type(const RecipeView& view);
TensorType recipe_output_type(const RecipeView& view);

/// Feature entry `index` of an opened recipe.
FeatureSpec recipe_feature(const RecipeView& view, uint8_t index);

/// Name [name_bytes] of channel `index`, zero-padded, and its quantity code.
const char* recipe_channel_name(const RecipeView& view, uint16_t index);
uint8_t recipe_channel_quantity(const RecipeView& view, uint16_t index);

/// Consecutive channels that belong together.
struct RecipeVector {
  uint16_t first;
  uint16_t count;  ///< 0: there is none any more
};

/// The first vector at or after channel `from`.
RecipeVector recipe_vector(const RecipeView& view, uint16_t from);

/// Values of one entry: of a channel, or of a vector of `channels`.
uint32_t feature_outputs(const FeatureSpec& feature, uint16_t channels);

/// Whether some feature is of vectors.
inline bool has_vector_features(const RecipeView& view) {
  return view.inputs != view.per_channel * view.channel_count;
}

/// First bin of band `band` of `feature`; band `feature.bands` is the end of the last one.
uint16_t recipe_first_bin(const RecipeView& view, const FeatureSpec& feature, uint8_t band);

/// Floats of scratch that evaluate_recipe needs.
size_t recipe_scratch_floats(const RecipeView& view);

/// Computes features [view.inputs] of one window: for each channel, for each entry of the feature
/// list, for each band; then, for each entry of vectors, for each vector, for each pair. Channel
/// c's samples, oldest first, are window[c * stride] and the window_samples - 1 floats after it.
/// What is beyond a float's range becomes its largest number, what is undefined 0.
void evaluate_recipe(const RecipeView& view, const float* window, size_t stride, float* features,
                     float* scratch);

/// The two parts of that: channels [view.inputs as if there were no vectors], and of vectors alone.
void evaluate_channels(const RecipeView& view, const float* window, size_t stride, float* features,
                       float* scratch);
void evaluate_vectors(const RecipeView& view, const float* window, size_t stride, float* features,
                      float* scratch);

}  // namespace kernels
}  // namespace haltere
