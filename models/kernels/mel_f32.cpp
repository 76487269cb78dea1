#include "models/kernels/mel_f32.hpp"

#include "models/kernels/elementary_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

constexpr float knee_hz = 700.0f;
constexpr float floor_power = 1e-12f;

float triangle(float hz, const float (&edges)[3]) {
  if (!(hz > edges[0]) || !(hz < edges[2])) return 0.0f;
  return hz < edges[1] ? (hz - edges[0]) / (edges[1] - edges[0])
                       : (edges[2] - hz) / (edges[2] - edges[1]);
}

void edges_of(const MelBands& mel, uint8_t band, float (&edges)[3]) {
  for (uint8_t i = 0; i < 3; ++i) edges[i] = mel_edge_hz(mel, static_cast<uint8_t>(band + i));
}

}  // namespace

float mel_edge_hz(const MelBands& mel, uint8_t i) {
  // Equal steps of mel are equal factors of 1 + f / 700 Hz.
  const float low = 1.0f + mel.from_hz / knee_hz;
  const float high = 1.0f + mel.to_hz / knee_hz;
  const float share = static_cast<float>(i) / static_cast<float>(mel.bands + 1);
  return knee_hz * (low * exponential_f32(share * logarithm_f32(high / low)) - 1.0f);
}

float mel_weight(const MelBands& mel, uint8_t band, float hz) {
  float edges[3];
  edges_of(mel, band, edges);
  return triangle(hz, edges);
}

Lanes log_mel(const Spectrum& spectrum, const float* power, const MelBands& mel, uint8_t band) {
  float edges[3];
  edges_of(mel, band, edges);
  Lanes sum = all_lanes(0.0f);
  for (uint16_t k = 1; k < spectrum_bins(spectrum); ++k) {
    const float hz = static_cast<float>(k) * mel.hz_per_bin;
    if (!(hz < edges[2])) break;
    sum += triangle(hz, edges) * power_at(power, k);
  }
  return logarithm_lanes(floor_power + power_scale(spectrum) * sum);
}

}  // namespace kernels
}  // namespace haltere
