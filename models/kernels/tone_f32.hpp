#pragma once

#include <stddef.h>

#include "models/kernels/spectrum_f32.hpp"

namespace haltere {
namespace kernels {

/// RMS amplitude of the tone of `cycles` per sample, 0 <= cycles <= 1/2, in a window that taper_f32
/// left in tapered [N]: that of a sine of amplitude a is a / sqrt 2. Goertzel's recurrence in
/// Reinsch's form, which stays precise for slow tones (Stoer and Bulirsch, Numerical Analysis,
/// 2.3.4).
float tone_rms_f32(const Spectrum& spectrum, const float* tapered, float cycles);

}  // namespace kernels
}  // namespace haltere
