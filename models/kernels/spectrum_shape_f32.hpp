#pragma once

#include <stdint.h>

#include "models/kernels/spectrum_f32.hpp"

namespace haltere {
namespace kernels {

// The shape of a power spectrum power [points / 2], as power_spectrum_f32 leaves it, without bin 0.
// All are 0 for a signal that does not vary. Frequencies are in bins: times rate / points they are
// in Hz.

/// The bin with most power, the lowest of equals.
uint16_t dominant_bin(const Spectrum& spectrum, const float* power);

/// RMS amplitude of what is about `bin`, as wide as the window makes one sine.
float tone_amplitude_f32(const Spectrum& spectrum, const float* power, uint16_t bin);

/// sum(k P) / sum(P).
float spectral_centroid_f32(const Spectrum& spectrum, const float* power);

/// sqrt(sum((k - centroid)^2 P) / sum(P)).
float spectral_spread_f32(const Spectrum& spectrum, const float* power);

/// -sum(p ln p) / ln(bins) with p = P / sum(P): 0 for one tone, 1 for white noise.
float spectral_entropy_f32(const Spectrum& spectrum, const float* power);

/// The lowest bin up to which 85 % of the power lies.
uint16_t spectral_rolloff(const Spectrum& spectrum, const float* power);

/// Natural logarithm of a normal x > 0, within 2e-7 of it relative to the larger of 1 and the
/// result: by + - * / alone, so the same everywhere.
float logarithm_f32(float x);

}  // namespace kernels
}  // namespace haltere
