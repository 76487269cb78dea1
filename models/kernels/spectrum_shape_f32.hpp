#pragma once

#include <stdint.h>

#include "models/kernels/spectrum_f32.hpp"

namespace haltere {
namespace kernels {

// The shape of power spectra, as power_spectrum_f32 leaves them, without bin 0. All are 0 for a
// signal that does not vary. Frequencies are in bins: times rate / points they are in Hz. `total`
// is spectral_total.

/// sum(P).
Lanes spectral_total(const Spectrum& spectrum, const float* power);

/// The bin with most power, the lowest of equals.
Lanes dominant_bin(const Spectrum& spectrum, const float* power);

/// RMS amplitude of what is about `bin`, as wide as the taper makes one sine.
Lanes tone_amplitude(const Spectrum& spectrum, const float* power, Lanes bin);

/// sum(k P) / sum(P).
Lanes spectral_centroid(const Spectrum& spectrum, const float* power, Lanes total);

/// With m_i = sum((k - centroid)^i P) / sum(P).
struct SpectralMoments {
  Lanes spread;    ///< sqrt(m_2)
  Lanes skewness;  ///< m_3 / m_2^1.5
  Lanes kurtosis;  ///< m_4 / m_2^2
};
SpectralMoments spectral_moments(const Spectrum& spectrum, const float* power, Lanes total,
                                 Lanes centroid);

/// -sum(p ln p) / ln(bins) with p = P / sum(P): 0 for one tone, 1 for white noise.
Lanes spectral_entropy(const Spectrum& spectrum, const float* power, Lanes total);

/// The lowest bin up to which 85 % of the power lies.
Lanes spectral_rolloff(const Spectrum& spectrum, const float* power, Lanes total);

}  // namespace kernels
}  // namespace haltere
