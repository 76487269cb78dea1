#include "models/kernels/spectrum_shape_f32.hpp"

#include "models/kernels/elementary_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

constexpr float rolloff_share = 0.85f;

Lanes zero() { return all_lanes(0.0f); }

/// a / b where b is above 0, else 0.
Lanes share_of(Lanes a, Lanes b) { return if_above(b, zero(), a / b, zero()); }

float tone_amplitude_of(const Spectrum& spectrum, const float* power, size_t lane, uint16_t bin) {
  if (bin == 0) return 0.0f;
  // A taper spreads a sine over two or three bins to each side, twice that with zeros behind it.
  const uint32_t points = uint32_t{1} << spectrum.log2_points;
  const uint16_t narrow = spectrum.taper == Taper::blackman ? 3 : 2;
  const auto reach = static_cast<uint16_t>(points > spectrum.window_samples ? 2 * narrow : narrow);
  const auto first = static_cast<uint16_t>(bin > reach ? bin - reach : 1);
  const uint32_t end = uint32_t{bin} + reach + 1;
  const uint16_t bins = spectrum_bins(spectrum);
  float amplitude[lanes];
  store_lanes(amplitude, band_amplitude(spectrum, power, first,
                                        end < bins ? static_cast<uint16_t>(end) : bins));
  return amplitude[lane];
}

}  // namespace

Lanes spectral_total(const Spectrum& spectrum, const float* power) {
  Lanes sum = zero();
  for (uint16_t k = 1; k < spectrum_bins(spectrum); ++k) sum += power_at(power, k);
  return sum;
}

Lanes dominant_bin(const Spectrum& spectrum, const float* power) {
  Lanes best = zero();
  Lanes most = zero();
  for (uint16_t k = 1; k < spectrum_bins(spectrum); ++k) {
    const Lanes here = power_at(power, k);
    best = if_above(here, most, all_lanes(static_cast<float>(k)), best);
    most = if_above(here, most, here, most);
  }
  return best;
}

Lanes tone_amplitude(const Spectrum& spectrum, const float* power, Lanes bin) {
  float values[lanes];
  store_lanes(values, bin);
  for (size_t lane = 0; lane < lanes; ++lane) {
    values[lane] = tone_amplitude_of(spectrum, power, lane, static_cast<uint16_t>(values[lane]));
  }
  return load_lanes(values);
}

Lanes spectral_centroid(const Spectrum& spectrum, const float* power, Lanes total) {
  Lanes sum = zero();
  for (uint16_t k = 1; k < spectrum_bins(spectrum); ++k)
    sum += static_cast<float>(k) * power_at(power, k);
  return share_of(sum, total);
}

SpectralMoments spectral_moments(const Spectrum& spectrum, const float* power, Lanes total,
                                 Lanes centroid) {
  Lanes second = zero();
  Lanes third = zero();
  Lanes fourth = zero();
  for (uint16_t k = 1; k < spectrum_bins(spectrum); ++k) {
    const Lanes distance = static_cast<float>(k) - centroid;
    const Lanes square = distance * distance;
    const Lanes weighted = square * power_at(power, k);
    second += weighted;
    third += distance * weighted;
    fourth += square * weighted;
  }
  const Lanes variance = share_of(second, total);
  const Lanes spread = square_root_lanes(variance);
  return {spread, share_of(share_of(third, total), variance * spread),
          share_of(share_of(fourth, total), variance * variance)};
}

Lanes spectral_entropy(const Spectrum& spectrum, const float* power, Lanes total) {
  const Lanes least_share = all_lanes(1e-30f);  // p ln p of less is nothing
  Lanes sum = zero();
  for (uint16_t k = 1; k < spectrum_bins(spectrum); ++k) {
    const Lanes share = power_at(power, k) / total;
    sum -= if_above(share, least_share, share * logarithm_lanes(share), zero());
  }
  const float most = logarithm_f32(static_cast<float>(spectrum_bins(spectrum) - 1));
  return if_above(total, zero(), sum / most, zero());
}

Lanes spectral_rolloff(const Spectrum& spectrum, const float* power, Lanes total) {
  // Counts the bins at which the wanted power is not reached.
  const Lanes wanted = rolloff_share * total;
  const auto last = static_cast<uint16_t>(spectrum_bins(spectrum) - 1);
  Lanes sum = zero();
  Lanes bin = if_above(total, zero(), all_lanes(1.0f), zero());
  for (uint16_t k = 1; k < last; ++k) {
    sum += power_at(power, k);
    bin += if_above(wanted, sum, all_lanes(1.0f), zero());
  }
  return bin;
}

}  // namespace kernels
}  // namespace haltere
