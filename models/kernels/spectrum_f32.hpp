#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// Constants of the spectrum of windows of `window_samples`: carried in the recipe, so that device
/// and host use the same bits.
struct Spectrum {
  uint16_t window_samples;  ///< N, 8..4096
  uint8_t log2_points;      ///< points = smallest power of two >= N
  float hann_cosine;        ///< cos(pi / N)
  float hann_sine;          ///< sin(pi / N)
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

/// Power of x [N] per frequency bin: |X_k|^2 of the real FFT of (x - mean) * Hann, zero-padded to
/// `points`, for k = 0..points/2 - 1, left in scratch[0..points/2 - 1]. Hann is centred:
/// w[t] = 0.5 - 0.5 cos(2 pi (t + 0.5) / N). scratch [points].
void power_spectrum_f32(const Spectrum& spectrum, const float* x, float mean, float* scratch);

/// RMS amplitude, in the unit of x, of the bins first..last-1 of a power spectrum:
/// sqrt(16 / (3 N points) * sum power[k]). A sine of amplitude a well inside the band gives a /
/// sqrt 2.
float band_amplitude_f32(const Spectrum& spectrum, const float* power, uint16_t first,
                         uint16_t last);

}  // namespace kernels
}  // namespace haltere
