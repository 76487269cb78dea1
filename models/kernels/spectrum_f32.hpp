#pragma once

#include <stddef.h>
#include <stdint.h>

#include "models/kernels/lanes_f32.hpp"

namespace haltere {
namespace kernels {

/// How a window fades in and out before its spectrum is taken. The codes are part of the bundle
/// format.
enum class Taper : uint8_t {
  hann = 0,      ///< good for anything
  hamming = 1,   ///< lower first side lobe, worse further away
  blackman = 2,  ///< side lobes below -58 dB, wider tones
  none = 3,      ///< the samples as they are: for transients that begin and end in the window
};
constexpr uint8_t tapers = 4;

/// Constants of the spectrum of windows of `window_samples`: carried in the recipe, so that device
/// and host use the same bits.
struct Spectrum {
  uint16_t window_samples;  ///< N, 8..4096
  uint8_t log2_points;      ///< points = smallest power of two >= N
  Taper taper;
  float hann_cosine;  ///< cos(pi / N)
  float hann_sine;    ///< sin(pi / N)
  const uint8_t*
      cosine_table;  ///< float32 cos(2 pi i / points), i = 0..points/4, little-endian, 4-aligned
};

constexpr uint16_t min_spectrum_samples = 8;
constexpr uint16_t max_window_samples = 4096;

/// Exponent of the smallest power of two >= `window_samples`.
uint8_t spectrum_log2_points(uint16_t window_samples);

/// Entries of the cosine table.
constexpr uint16_t spectrum_table_entries(uint8_t log2_points) {
  return static_cast<uint16_t>((uint16_t{1} << log2_points) / 4 + 1);
}

/// points / 2: bins 0.. this - 1 of a power spectrum.
inline uint16_t spectrum_bins(const Spectrum& spectrum) {
  return static_cast<uint16_t>((uint32_t{1} << spectrum.log2_points) / 2);
}

/// The weights w[t] = a0 - a1 cos(2 pi (t + 0.5) / N) + a2 cos(4 pi (t + 0.5) / N) of a taper:
/// their mean is a0, that of their squares a0^2 + (a1^2 + a2^2) / 2.
struct TaperWeights {
  float a0;
  float a1;
  float a2;
};
TaperWeights taper_weights(Taper taper);

/// out[t] = (x[t] - mean) * w[t]; x and out [N] may be the same.
void taper_f32(const Spectrum& spectrum, const float* x, float mean, float* out);

/// As many channels as there are lanes, x [N] each; a lane without a channel repeats another's.
struct LaneInputs {
  const float* x[lanes];
  float mean[lanes];
};

/// Power per frequency bin: |X_k|^2 of the real FFT of (x - mean) * w, zero-padded to `points`, for
/// k = 0..points/2 - 1, where power_at finds it. scratch [lanes * points].
void power_spectrum_f32(const Spectrum& spectrum, const LaneInputs& inputs, float* scratch);

/// Bin k of what power_spectrum_f32 left, of all lanes.
inline Lanes power_at(const float* power, size_t k) { return load_lanes(power + 2 * lanes * k); }

/// Mean square of a signal per unit of its power: 2 / (N points mean(w^2)).
float power_scale(const Spectrum& spectrum);

/// RMS amplitude, in the unit of x, of the bins first..last-1: sqrt(power_scale * sum power[k]). A
/// sine of amplitude a well inside the band gives a / sqrt 2.
Lanes band_amplitude(const Spectrum& spectrum, const float* power, uint16_t first, uint16_t last);

/// Square root in each lane.
Lanes square_root_lanes(Lanes x);

}  // namespace kernels
}  // namespace haltere
