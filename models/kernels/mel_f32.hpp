#pragma once

#include "models/kernels/spectrum_f32.hpp"

namespace haltere {
namespace kernels {

/// Overlapping triangles from `from_hz` to `to_hz`, equally wide on the mel scale
/// 2595 log10(1 + f / 700 Hz).
struct MelBands {
  float from_hz;
  float to_hz;
  uint8_t bands;
  float hz_per_bin;  ///< rate / points
};

/// Edge i = 0..bands + 1 in Hz: band b rises from edge b to 1 at edge b + 1 and falls to edge b
/// + 2.
float mel_edge_hz(const MelBands& mel, uint8_t i);

/// Weight of frequency `hz` in band `band`, 0..1.
float mel_weight(const MelBands& mel, uint8_t band, float hz);

/// ln(1e-12 + power_scale * sum(weight power[k])): of the band's mean square, in the unit of x.
Lanes log_mel(const Spectrum& spectrum, const float* power, const MelBands& mel, uint8_t band);

}  // namespace kernels
}  // namespace haltere
