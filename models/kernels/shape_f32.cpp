#include "models/kernels/shape_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/interleaved_sum.hpp"
#include "models/kernels/square_root_f32.hpp"
#include "models/kernels/statistics_f32.hpp"

namespace haltere {
namespace kernels {
namespace {

float magnitude(float value) { return float_of(bits_of(value) & 0x7fffffffU); }

/// sum((x[i] - mean) * (x[i + lag] - mean)).
float lagged_sum(const float* x, size_t n, float mean, size_t lag) {
  return interleaved_sum(n - lag, [=](size_t i) { return (x[i] - mean) * (x[i + lag] - mean); });
}

/// Lets the value at `root` sink to its place in the heap values [n].
void sink(float* values, size_t root, size_t n) {
  const float value = values[root];
  for (size_t child = 2 * root + 1; child < n; child = 2 * root + 1) {
    if (child + 1 < n && values[child + 1] > values[child]) ++child;
    if (!(values[child] > value)) break;
    values[root] = values[child];
    root = child;
  }
  values[root] = value;
}

}  // namespace

float mean_deviation_f32(const float* x, size_t n, float mean) {
  return interleaved_sum(n, [=](size_t i) { return magnitude(x[i] - mean); }) /
         static_cast<float>(n);
}

float skewness_f32(const float* x, size_t n, float mean) {
  const float variance = variance_f32(x, n, mean);
  if (!(variance > 0.0f)) return 0.0f;
  const float deviation = square_root_f32(variance);
  const float sum = interleaved_sum(n, [=](size_t i) {
    const float z = (x[i] - mean) / deviation;
    return z * z * z;
  });
  return sum / static_cast<float>(n);
}

float kurtosis_f32(const float* x, size_t n, float mean) {
  const float variance = variance_f32(x, n, mean);
  if (!(variance > 0.0f)) return 0.0f;
  const float sum = interleaved_sum(n, [=](size_t i) {
    const float square = (x[i] - mean) * (x[i] - mean) / variance;
    return square * square;
  });
  return sum / static_cast<float>(n) - 3.0f;
}

float slope_f32(const float* x, size_t n, float mean) {
  if (n < 2) return 0.0f;
  const auto count = static_cast<float>(n);
  const float middle = 0.5f * (count - 1.0f);
  const float sum = interleaved_sum(
      n, [=](size_t i) { return (static_cast<float>(i) - middle) * (x[i] - mean); });
  return sum / (count * (count * count - 1.0f) / 12.0f);
}

float mean_change_f32(const float* x, size_t n) {
  if (n < 2) return 0.0f;
  return interleaved_sum(n - 1, [=](size_t i) { return magnitude(x[i + 1] - x[i]); }) /
         static_cast<float>(n - 1);
}

float crest_factor_f32(const float* x, size_t n) {
  const Extremes extremes = extremes_f32(x, n);
  const float low = magnitude(extremes.min);
  const float high = magnitude(extremes.max);
  const float rms = square_root_f32(mean_square_f32(x, n));
  return rms > 0.0f ? (low > high ? low : high) / rms : 0.0f;
}

float autocorrelation_f32(const float* x, size_t n, float mean) {
  const float whole = lagged_sum(x, n, mean, 0);
  if (!(whole > 0.0f)) return 0.0f;
  size_t lag = 1;
  while (lag <= n / 2 && lagged_sum(x, n, mean, lag) > 0.0f) ++lag;
  float highest = 0.0f;
  for (; lag <= n / 2; ++lag) {
    const float sum = lagged_sum(x, n, mean, lag);
    if (sum > highest) highest = sum;
  }
  return highest / whole;
}

void sort_f32(float* values, size_t n) {
  for (size_t root = n / 2; root > 0; --root) sink(values, root - 1, n);
  for (size_t last = n; last > 1; --last) {
    const float largest = values[0];
    values[0] = values[last - 1];
    values[last - 1] = largest;
    sink(values, 0, last - 1);
  }
}

float quantile_f32(const float* sorted, size_t n, float share) {
  const float position = share * static_cast<float>(n - 1);
  const auto below = static_cast<size_t>(position);
  if (below + 1 >= n) return sorted[n - 1];
  const float rest = position - static_cast<float>(below);
  return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

}  // namespace kernels
}  // namespace haltere
