#include "models/kernels/spectrum_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/square_root_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

struct Complex {
  Lanes re;
  Lanes im;
};

/// exp(-i angle): the same for all lanes.
struct Turn {
  float re;
  float im;
};

Complex load(const float* z, size_t i) {
  return {load_lanes(z + 2 * lanes * i), load_lanes(z + 2 * lanes * i + lanes)};
}
void store(float* z, size_t i, Complex value) {
  store_lanes(z + 2 * lanes * i, value.re);
  store_lanes(z + 2 * lanes * i + lanes, value.im);
}

Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
Complex operator*(Complex a, Turn w) {
  return {a.re * w.re - a.im * w.im, a.re * w.im + a.im * w.re};
}

/// exp(-2 pi i k / points) for k = 0..3/4 points, from a quarter wave of cosines.
Turn twiddle(const Spectrum& spectrum, size_t k) {
  const size_t quarter = (size_t{1} << spectrum.log2_points) / 4;
  const uint8_t* table = spectrum.cosine_table;
  const auto cosine = [table](size_t i) { return load_f32(table + 4 * i); };
  if (k <= quarter) return {cosine(k), -cosine(quarter - k)};
  if (k <= 2 * quarter) return {-cosine(2 * quarter - k), -cosine(k - quarter)};
  return {-cosine(k - 2 * quarter), cosine(3 * quarter - k)};
}

/// Calls each(t, w[t]) for the first half of a taper. The cosine is turned on step by step.
template <typename Each>
void for_each_weight(const Spectrum& spectrum, Each each) {
  const TaperWeights taper = taper_weights(spectrum.taper);
  float cosine = spectrum.hann_cosine;
  float sine = spectrum.hann_sine;
  const float step_cosine = cosine * cosine - sine * sine;
  const float step_sine = 2.0f * cosine * sine;
  const size_t half = (size_t{spectrum.window_samples} + 1) / 2;
  for (size_t t = 0; t < half; ++t) {
    float weight = taper.a0 - taper.a1 * cosine;
    if (taper.a2 > 0.0f) weight += taper.a2 * (2.0f * cosine * cosine - 1.0f);
    each(t, weight);
    const float next = cosine * step_cosine - sine * step_sine;
    sine = sine * step_cosine + cosine * step_sine;
    cosine = next;
  }
}

Lanes gather(const LaneInputs& inputs, size_t t) {
  float values[lanes];
  for (size_t lane = 0; lane < lanes; ++lane) values[lane] = inputs.x[lane][t];
  return load_lanes(values);
}

/// Tapers from both ends at once, zeros behind.
void taper_lanes(const Spectrum& spectrum, const LaneInputs& inputs, float* scratch) {
  const size_t samples = spectrum.window_samples;
  const size_t points = size_t{1} << spectrum.log2_points;
  const Lanes mean = load_lanes(inputs.mean);
  for_each_weight(spectrum, [&](size_t t, float weight) {
    const size_t mirror = samples - 1 - t;
    store_lanes(scratch + lanes * t, (gather(inputs, t) - mean) * weight);
    store_lanes(scratch + lanes * mirror, (gather(inputs, mirror) - mean) * weight);
  });
  for (size_t i = lanes * samples; i < lanes * points; ++i) scratch[i] = 0.0f;
}

void reverse_bits(float* z, size_t points) {
  size_t reversed = 0;
  for (size_t i = 1; i < points; ++i) {
    size_t bit = points >> 1;
    for (; (reversed & bit) != 0; bit >>= 1) reversed ^= bit;
    reversed |= bit;
    if (i >= reversed) continue;
    const Complex kept = load(z, i);
    store(z, i, load(z, reversed));
    store(z, reversed, kept);
  }
}

/// Joins four transforms of `quarter` numbers each, already turned; they lie in the order of
/// reversed bits, so the second and the third have changed places.
void join_four(float* z, size_t quarter, const Complex (&part)[4]) {
  const Complex even = part[0] + part[1];
  const Complex odd = part[0] - part[1];
  const Complex sum = part[2] + part[3];
  const Complex difference = part[2] - part[3];
  const Complex aside = {difference.im, -difference.re};  // -i times it
  store(z, 0, even + sum);
  store(z, quarter, odd + aside);
  store(z, 2 * quarter, even - sum);
  store(z, 3 * quarter, odd - aside);
}

/// Stage of radix 4: from transforms of `quarter` numbers to such of four times as many.
void join_all(const Spectrum& spectrum, float* z, size_t points, size_t quarter) {
  const size_t step = points / (2 * quarter);  // of the table, which is for 2 * points
  for (size_t i = 0; i < points; i += 4 * quarter) {
    float* at = z + 2 * lanes * i;
    join_four(at, quarter,
              {load(at, 0), load(at, quarter), load(at, 2 * quarter), load(at, 3 * quarter)});
  }
  for (size_t j = 1; j < quarter; ++j) {
    const Turn once = twiddle(spectrum, j * step);
    const Turn twice = twiddle(spectrum, 2 * j * step);
    const Turn thrice = twiddle(spectrum, 3 * j * step);
    for (size_t i = j; i < points; i += 4 * quarter) {
      float* at = z + 2 * lanes * i;
      join_four(at, quarter,
                {load(at, 0), load(at, quarter) * twice, load(at, 2 * quarter) * once,
                 load(at, 3 * quarter) * thrice});
    }
  }
}

/// In-place FFT of points/2 complex numbers z: decimation in time, radix 4 with one stage of radix
/// 2 before where their number is no power of 4.
void complex_fft(const Spectrum& spectrum, float* z) {
  const size_t points = (size_t{1} << spectrum.log2_points) / 2;
  reverse_bits(z, points);
  size_t done = 1;
  if (spectrum.log2_points % 2 == 0) {  // points is an odd power of 2
    for (size_t i = 0; i < points; i += 2) {
      const Complex a = load(z, i);
      const Complex b = load(z, i + 1);
      store(z, i, a + b);
      store(z, i + 1, a - b);
    }
    done = 2;
  }
  for (; done < points; done *= 4) join_all(spectrum, z, points, done);
}

/// Squared magnitudes of bins k and points/2 - k of the real signal whose even and odd samples are
/// the real and imaginary parts transformed in z; left at the real parts of z[k] and its mirror.
void split_pair(const Spectrum& spectrum, float* z, size_t k) {
  const size_t mirror = spectrum_bins(spectrum) - k;
  const Complex a = load(z, k);
  const Complex b = load(z, mirror);
  const Complex even = {0.5f * (a.re + b.re), 0.5f * (a.im - b.im)};
  const Complex odd = {0.5f * (a.im + b.im), 0.5f * (b.re - a.re)};
  const Complex turned = odd * twiddle(spectrum, k);
  const Complex sum = even + turned;
  const Complex difference = even - turned;
  store_lanes(z + 2 * lanes * mirror,
              difference.re * difference.re + difference.im * difference.im);
  store_lanes(z + 2 * lanes * k, sum.re * sum.re + sum.im * sum.im);
}

}  // namespace

uint8_t spectrum_log2_points(uint16_t window_samples) {
  uint8_t exponent = 0;
  while ((uint32_t{1} << exponent) < window_samples) ++exponent;
  return exponent;
}

TaperWeights taper_weights(Taper taper) {
  switch (taper) {
    case Taper::hann: break;
    case Taper::hamming: return {0.54f, 0.46f, 0.0f};
    case Taper::blackman: return {0.42f, 0.5f, 0.08f};
    case Taper::none: return {1.0f, 0.0f, 0.0f};
  }
  return {0.5f, 0.5f, 0.0f};
}

void taper_f32(const Spectrum& spectrum, const float* x, float mean, float* out) {
  const size_t samples = spectrum.window_samples;
  for_each_weight(spectrum, [=](size_t t, float weight) {
    const size_t mirror = samples - 1 - t;
    const float last = (x[mirror] - mean) * weight;  // in the middle they are the same
    out[t] = (x[t] - mean) * weight;
    out[mirror] = last;
  });
}

void power_spectrum_f32(const Spectrum& spectrum, const LaneInputs& inputs, float* scratch) {
  const size_t bins = spectrum_bins(spectrum);
  taper_lanes(spectrum, inputs, scratch);
  complex_fft(spectrum, scratch);
  const Complex first = load(scratch, 0);
  const Lanes constant = first.re + first.im;
  store_lanes(scratch, constant * constant);
  for (size_t k = 1; k <= bins / 2; ++k) split_pair(spectrum, scratch, k);
}

float power_scale(const Spectrum& spectrum) {
  const TaperWeights w = taper_weights(spectrum.taper);
  const float mean_square = w.a0 * w.a0 + 0.5f * (w.a1 * w.a1 + w.a2 * w.a2);
  const auto numbers =
      static_cast<float>(uint32_t{spectrum.window_samples} << spectrum.log2_points);
  return 2.0f / (mean_square * numbers);
}

Lanes square_root_lanes(Lanes x) {
  float values[lanes];
  store_lanes(values, x);
  for (float& value : values) value = square_root_f32(value);
  return load_lanes(values);
}

Lanes band_amplitude(const Spectrum& spectrum, const float* power, uint16_t first, uint16_t last) {
  Lanes sum = all_lanes(0.0f);
  for (uint16_t k = first; k < last; ++k) sum += power_at(power, k);
  return square_root_lanes(power_scale(spectrum) * sum);
}

}  // namespace kernels
}  // namespace haltere
