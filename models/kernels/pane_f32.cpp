#include "models/kernels/pane_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/interleaved_sum.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

float magnitude(float value) { return float_of(bits_of(value) & 0x7fffffffU); }

float sign(float value) { return value > 0.0f ? 1.0f : value < 0.0f ? -1.0f : 0.0f; }

/// A power of two near the root of a variance, and one over it: nothing is rounded where powers of
/// deviations are scaled by them.
struct Scale {
  float value;
  float inverse;
};

Scale scale_of(float variance) {
  const uint32_t exponent = ((bits_of(variance) >> 23) + 127U) >> 1;
  return {variance > 0.0f ? float_of(exponent << 23) : 0.0f, float_of((254U - exponent) << 23)};
}

/// Sums of powers of z = (x - first - offset) / s.
void sum_powers(const float* x, size_t n, Pane& pane) {
  const float first = pane.first;
  const float offset = pane.offset;
  const float inverse = scale_of(pane.variance).inverse;
  float cubes[4] = {};
  float fourths[4] = {};
  const auto add = [&](size_t i, size_t lane) {
    const float z = (x[i] - first - offset) * inverse;
    const float square = z * z;
    cubes[lane] += square * z;
    fourths[lane] += square * square;
  };
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (size_t lane = 0; lane < 4; ++lane) add(i + lane, lane);
  }
  for (size_t lane = 0; i < n; ++i, ++lane) add(i, lane);
  pane.cubes = (cubes[0] + cubes[1]) + (cubes[2] + cubes[3]);
  pane.fourths = (fourths[0] + fourths[1]) + (fourths[2] + fourths[3]);
}

float find_variance(const float* x, size_t n, const Pane& pane) {
  const float first = pane.first;
  const float offset = pane.offset;
  const float squares = interleaved_sum(n, [=](size_t i) {
    const float deviation = x[i] - first - offset;
    return deviation * deviation;
  });
  return squares / pane.count;
}

float find_trend(const float* x, size_t n, const Pane& pane) {
  const float first = pane.first;
  const float offset = pane.offset;
  const float middle = 0.5f * (pane.count - 1.0f);
  return interleaved_sum(
      n, [=](size_t i) { return (static_cast<float>(i) - middle) * (x[i] - first - offset); });
}

void find_crossings(const float* x, size_t n, Pane& pane) {
  size_t begin = 0;
  while (begin + 1 < n && sign(x[begin]) == 0.0f) ++begin;
  size_t end = n;
  while (end > begin + 1 && sign(x[end - 1]) == 0.0f) --end;
  pane.first_sign = sign(x[begin]);
  pane.last_sign = sign(x[end - 1]);
  pane.crossings = static_cast<float>(mean_crossings_f32(x + begin, end - begin, 0.0f));
}

void append_crossings(Pane& pane, const Pane& next) {
  const float crosses = pane.last_sign * next.first_sign < 0.0f ? 1.0f : 0.0f;
  pane.crossings = pane.crossings + crosses + next.crossings;
  if (pane.first_sign == 0.0f) pane.first_sign = next.first_sign;
  if (next.last_sign != 0.0f) pane.last_sign = next.last_sign;
}

/// Two panes' shares of the samples of both, and what lies between them.
struct Pair {
  float own;
  float share;  ///< of the next one
  float apart;  ///< the next one's mean less the own
};

/// Pebay's updates over powers of the scale of both, whose variance `pane` does not have yet.
void append_shape(Pane& pane, const Pane& next, const Pair& pair, float variance) {
  const float inverse = scale_of(variance).inverse;
  const float a = scale_of(pane.variance).value * inverse;  // 0 without variance, as the cubes
  const float b = scale_of(next.variance).value * inverse;
  const float a_squares = pane.variance * inverse * inverse;
  const float b_squares = next.variance * inverse * inverse;
  const float a_cubes = pane.cubes * (a * a * a);
  const float b_cubes = next.cubes * (b * b * b);
  const float d = pair.apart * inverse;
  const float d2 = d * d;
  const float own = pair.own;
  const float share = pair.share;
  const float weight = own * next.count;
  pane.fourths = pane.fourths * (a * a * (a * a)) + next.fourths * (b * b * (b * b)) +
                 weight * d2 *
                     (d2 * (own * own - own * share + share * share) +
                      6.0f * (own * b_squares + share * a_squares)) +
                 4.0f * d * (own * b_cubes - share * a_cubes);
  pane.cubes =
      a_cubes + b_cubes + weight * d * (d2 * (own - share) + 3.0f * (b_squares - a_squares));
}

void append_moments(Pane& pane, const Pane& next, const Pair& pair, bool with_shape) {
  const float variance = pair.own * pane.variance + pair.share * next.variance +
                         pair.own * pair.share * pair.apart * pair.apart;
  if (with_shape) append_shape(pane, next, pair, variance);
  pane.variance = variance;
}

}  // namespace

Pane pane_of_f32(const float* x, size_t n, const PaneNeeds& needs) {
  Pane pane = {};
  pane.count = static_cast<float>(n);
  pane.first = x[0];
  pane.last = x[n - 1];
  const float first = x[0];
  pane.offset = interleaved_sum(n, [=](size_t i) { return x[i] - first; }) / pane.count;
  if (needs.variance) pane.variance = find_variance(x, n, pane);
  if (needs.shape && pane.variance > 0.0f) sum_powers(x, n, pane);
  if (needs.magnitudes) {
    pane.magnitudes = interleaved_sum(n, [=](size_t i) { return magnitude(x[i]); });
  }
  if (needs.extremes) {
    const Extremes extremes = extremes_f32(x, n);
    pane.min = extremes.min;
    pane.max = extremes.max;
  }
  if (needs.crossings) find_crossings(x, n, pane);
  if (needs.changes) {
    pane.changes = interleaved_sum(n - 1, [=](size_t i) { return magnitude(x[i + 1] - x[i]); });
  }
  if (needs.trend) pane.trend = find_trend(x, n, pane);
  return pane;
}

void append_pane(Pane& pane, const Pane& next, const PaneNeeds& needs) {
  const float count = pane.count + next.count;
  const float share = next.count / count;
  const Pair pair = {1.0f - share, share, (next.first - pane.first) + (next.offset - pane.offset)};
  if (needs.variance) append_moments(pane, next, pair, needs.shape);
  pane.magnitudes += next.magnitudes;
  if (needs.extremes) {
    if (next.min < pane.min) pane.min = next.min;
    if (next.max > pane.max) pane.max = next.max;
  }
  if (needs.crossings) append_crossings(pane, next);
  if (needs.changes) {
    pane.changes = pane.changes + magnitude(next.first - pane.last) + next.changes;
  }
  if (needs.trend) {
    pane.trend = pane.trend + next.trend + 0.5f * pane.count * next.count * pair.apart;
  }
  pane.offset += share * pair.apart;
  pane.last = next.last;
  pane.count = count;
}

float skewness_of(const Pane& pane) {
  if (!(pane.variance > 0.0f)) return 0.0f;
  const float inverse = scale_of(pane.variance).inverse;
  const float scaled = pane.variance * inverse * inverse;
  return pane.cubes / (pane.count * scaled * square_root_f32(scaled));
}

float kurtosis_of(const Pane& pane) {
  if (!(pane.variance > 0.0f)) return 0.0f;
  const float inverse = scale_of(pane.variance).inverse;
  const float scaled = pane.variance * inverse * inverse;
  return pane.fourths / (pane.count * scaled * scaled) - 3.0f;
}

float crest_factor_of(const Pane& pane) {
  const float low = magnitude(pane.min);
  const float high = magnitude(pane.max);
  const float rms = square_root_f32(mean_square_of(pane));
  return rms > 0.0f ? (low > high ? low : high) / rms : 0.0f;
}

float slope_of(const Pane& pane) {
  if (!(pane.count > 1.0f)) return 0.0f;
  return pane.trend / (pane.count * (pane.count * pane.count - 1.0f) / 12.0f);
}

float mean_change_of(const Pane& pane) {
  return pane.count > 1.0f ? pane.changes / (pane.count - 1.0f) : 0.0f;
}

}  // namespace kernels
}  // namespace haltere
