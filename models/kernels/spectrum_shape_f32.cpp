#include "models/kernels/spectrum_shape_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

constexpr float rolloff_share = 0.85f;

uint16_t bins_of(const Spectrum& spectrum) {
  return static_cast<uint16_t>((uint32_t{1} << spectrum.log2_points) / 2);
}

float total_power(const Spectrum& spectrum, const float* power) {
  float sum = 0.0f;
  for (uint16_t k = 1; k < bins_of(spectrum); ++k) sum += power[k];
  return sum;
}

}  // namespace

uint16_t dominant_bin(const Spectrum& spectrum, const float* power) {
  uint16_t best = 0;
  float most = 0.0f;
  for (uint16_t k = 1; k < bins_of(spectrum); ++k) {
    if (!(power[k] > most)) continue;
    most = power[k];
    best = k;
  }
  return best;
}

float tone_amplitude_f32(const Spectrum& spectrum, const float* power, uint16_t bin) {
  if (bin == 0) return 0.0f;
  // A Hann window spreads a sine over two bins to each side, twice that with zeros behind it.
  const uint32_t points = uint32_t{1} << spectrum.log2_points;
  const uint16_t reach = points > spectrum.window_samples ? 4 : 2;
  const auto first = static_cast<uint16_t>(bin > reach ? bin - reach : 1);
  const uint32_t end = uint32_t{bin} + reach + 1;
  const uint16_t bins = bins_of(spectrum);
  return band_amplitude_f32(spectrum, power, first, end < bins ? static_cast<uint16_t>(end) : bins);
}

float spectral_centroid_f32(const Spectrum& spectrum, const float* power) {
  const float total = total_power(spectrum, power);
  if (!(total > 0.0f)) return 0.0f;
  float sum = 0.0f;
  for (uint16_t k = 1; k < bins_of(spectrum); ++k) sum += static_cast<float>(k) * power[k];
  return sum / total;
}

float spectral_spread_f32(const Spectrum& spectrum, const float* power) {
  const float total = total_power(spectrum, power);
  if (!(total > 0.0f)) return 0.0f;
  const float centroid = spectral_centroid_f32(spectrum, power);
  float sum = 0.0f;
  for (uint16_t k = 1; k < bins_of(spectrum); ++k) {
    const float distance = static_cast<float>(k) - centroid;
    sum += distance * distance * power[k];
  }
  return square_root_f32(sum / total);
}

float spectral_entropy_f32(const Spectrum& spectrum, const float* power) {
  const float total = total_power(spectrum, power);
  if (!(total > 0.0f)) return 0.0f;
  constexpr float least_share = 1e-30f;  // p ln p of less is nothing
  float sum = 0.0f;
  for (uint16_t k = 1; k < bins_of(spectrum); ++k) {
    const float share = power[k] / total;
    if (share > least_share) sum -= share * logarithm_f32(share);
  }
  return sum / logarithm_f32(static_cast<float>(bins_of(spectrum) - 1));
}

uint16_t spectral_rolloff(const Spectrum& spectrum, const float* power) {
  const float wanted = rolloff_share * total_power(spectrum, power);
  if (!(wanted > 0.0f)) return 0;
  const auto last = static_cast<uint16_t>(bins_of(spectrum) - 1);
  float sum = 0.0f;
  for (uint16_t k = 1; k < last; ++k) {
    sum += power[k];
    if (sum >= wanted) return k;
  }
  return last;
}

float logarithm_f32(float x) {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2)), ln m = 2 atanh((m - 1) / (m + 1)) by its series.
  constexpr uint32_t half_root_bits = 0x3f3504f3U;
  const uint32_t bits = bits_of(x) - half_root_bits;
  const int32_t exponent = static_cast<int32_t>(bits) >> 23;
  const float m = float_of((bits & 0x007fffffU) + half_root_bits);
  const float t = (m - 1.0f) / (m + 1.0f);
  const float square = t * t;
  const float series =
      1.0f + square * (1.0f / 3.0f +
                       square * (1.0f / 5.0f + square * (1.0f / 7.0f + square * (1.0f / 9.0f))));
  return static_cast<float>(exponent) * 0.693147181f + 2.0f * t * series;
}

}  // namespace kernels
}  // namespace haltere
