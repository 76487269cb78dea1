#include "models/kernels/spectrum_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

struct Complex {
  float re;
  float im;
};

/// exp(-2 pi i k / points) for k = 0..points/2, from a quarter wave of cosines.
Complex twiddle(const Spectrum& spectrum, size_t k) {
  const size_t quarter = (size_t{1} << spectrum.log2_points) / 4;
  const uint8_t* table = spectrum.cosine_table;
  if (k <= quarter) return {load_f32(table + 4 * k), -load_f32(table + 4 * (quarter - k))};
  return {-load_f32(table + 4 * (2 * quarter - k)), -load_f32(table + 4 * (k - quarter))};
}

/// scratch[t] = (x[t] - mean) * Hann(t), zero behind it. The cosine is turned on step by step from
/// both ends at once.
void apply_window(const Spectrum& spectrum, const float* x, float mean, float* scratch) {
  const size_t samples = spectrum.window_samples;
  const size_t points = size_t{1} << spectrum.log2_points;
  float cosine = spectrum.hann_cosine;
  float sine = spectrum.hann_sine;
  const float step_cosine = cosine * cosine - sine * sine;
  const float step_sine = 2.0f * cosine * sine;
  for (size_t t = 0; t < (samples + 1) / 2; ++t) {
    const float weight = 0.5f - 0.5f * cosine;
    scratch[t] = (x[t] - mean) * weight;
    scratch[samples - 1 - t] = (x[samples - 1 - t] - mean) * weight;
    const float next = cosine * step_cosine - sine * step_sine;
    sine = sine * step_cosine + cosine * step_sine;
    cosine = next;
  }
  for (size_t t = samples; t < points; ++t) scratch[t] = 0.0f;
}

void swap_complex(float* z, size_t a, size_t b) {
  const Complex kept = {z[2 * a], z[2 * a + 1]};
  z[2 * a] = z[2 * b];
  z[2 * a + 1] = z[2 * b + 1];
  z[2 * b] = kept.re;
  z[2 * b + 1] = kept.im;
}

void reverse_bits(float* z, size_t points) {
  size_t reversed = 0;
  for (size_t i = 1; i < points; ++i) {
    size_t bit = points >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
    if (i < reversed) swap_complex(z, i, reversed);
  }
}

void butterfly(float* a, float* b, Complex w) {
  const float re = b[0] * w.re - b[1] * w.im;
  const float im = b[0] * w.im + b[1] * w.re;
  b[0] = a[0] - re;
  b[1] = a[1] - im;
  a[0] += re;
  a[1] += im;
}

/// In-place FFT of points/2 complex numbers z, radix 2, decimation in time.
void complex_fft(const Spectrum& spectrum, float* z) {
  const size_t points = (size_t{1} << spectrum.log2_points) / 2;
  reverse_bits(z, points);
  for (size_t half = 1; half < points; half *= 2) {
    for (size_t j = 0; j < half; ++j) {
      const Complex w = twiddle(spectrum, j * (points / half));
      for (size_t i = j; i < points; i += 2 * half) butterfly(z + 2 * i, z + 2 * (i + half), w);
    }
  }
}

/// Squared magnitudes of bins k and points/2 - k of the real signal whose even and odd samples are
/// the real and imaginary parts transformed in z; left at z[2 k] and z[points - 2 k].
void split_pair(const Spectrum& spectrum, float* z, size_t k) {
  const size_t mirror = (size_t{1} << spectrum.log2_points) / 2 - k;
  float* a = z + 2 * k;
  float* b = z + 2 * mirror;
  const Complex even = {0.5f * (a[0] + b[0]), 0.5f * (a[1] - b[1])};
  const Complex odd = {0.5f * (a[1] + b[1]), 0.5f * (b[0] - a[0])};
  const Complex w = twiddle(spectrum, k);
  const Complex turned = {odd.re * w.re - odd.im * w.im, odd.re * w.im + odd.im * w.re};
  const Complex sum = {even.re + turned.re, even.im + turned.im};
  const Complex difference = {even.re - turned.re, even.im - turned.im};
  b[0] = difference.re * difference.re + difference.im * difference.im;
  a[0] = sum.re * sum.re + sum.im * sum.im;
}

}  // namespace

uint8_t spectrum_log2_points(uint16_t window_samples) {
  uint8_t exponent = 0;
  while ((uint32_t{1} << exponent) < window_samples) ++exponent;
  return exponent;
}

void power_spectrum_f32(const Spectrum& spectrum, const float* x, float mean, float* scratch) {
  const size_t bins = (size_t{1} << spectrum.log2_points) / 2;
  apply_window(spectrum, x, mean, scratch);
  complex_fft(spectrum, scratch);
  const float constant = scratch[0] + scratch[1];
  scratch[0] = constant * constant;
  for (size_t k = 1; k <= bins / 2; ++k) split_pair(spectrum, scratch, k);
  for (size_t k = 1; k < bins; ++k) scratch[k] = scratch[2 * k];
}

float band_amplitude_f32(const Spectrum& spectrum, const float* power, uint16_t first,
                         uint16_t last) {
  float sum = 0.0f;
  for (uint16_t k = first; k < last; ++k) sum += power[k];
  const uint32_t points = uint32_t{1} << spectrum.log2_points;
  const float scale = 16.0f / static_cast<float>(3U * spectrum.window_samples * points);
  return square_root_f32(scale * sum);
}

}  // namespace kernels
}  // namespace haltere
