#include "models/kernels/shape_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/interleaved_sum.hpp"

namespace haltere {
namespace kernels {
namespace {

float magnitude(float value) { return float_of(bits_of(value) & 0x7fffffffU); }

/// Neighbouring values; what no core can do at once, its compiler does one by one.
using Four __attribute__((vector_size(16))) = float;

Four load_four(const float* values) {
  Four loaded;
  __builtin_memcpy(&loaded, values, sizeof loaded);
  return loaded;
}

constexpr size_t lags = 4;  ///< summed at once: on the host none waits for another

/// sums[k] = sum(y[i] * y[i + lag + k]), each in the order of interleaved_sum.
void lagged_sums(const float* y, size_t n, size_t lag, float (&sums)[lags]) {
  const size_t shortest = n > lag + lags - 1 ? n - lag - (lags - 1) : 0;
  const size_t common = shortest / 4 * 4;
  Four part[lags] = {};
  for (size_t i = 0; i < common; i += 4) {
    const Four now = load_four(y + i);
    const float* const later = y + i + lag;
    part[0] += now * load_four(later);
    part[1] += now * load_four(later + 1);
    part[2] += now * load_four(later + 2);
    part[3] += now * load_four(later + 3);
  }
  for (size_t k = 0; k < lags; ++k) {
    for (size_t i = common; i + lag + k < n; ++i) part[k][i % 4] += y[i] * y[i + lag + k];
    sums[k] = (part[k][0] + part[k][1]) + (part[k][2] + part[k][3]);
  }
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

float autocorrelation_f32(const float* x, size_t n, float mean, float* work) {
  for (size_t i = 0; i < n; ++i) work[i] = x[i] - mean;
  const float whole = interleaved_sum(n, [=](size_t i) { return work[i] * work[i]; });
  if (!(whole > 0.0f)) return 0.0f;
  bool has_fallen = false;  // to 0 or less
  float highest = 0.0f;
  const size_t last = n / 2;
  for (size_t lag = 1; lag <= last; lag += lags) {
    float sums[lags];
    lagged_sums(work, n, lag, sums);
    for (size_t k = 0; k < lags && lag + k <= last; ++k) {
      has_fallen = has_fallen || !(sums[k] > 0.0f);
      if (has_fallen && sums[k] > highest) highest = sums[k];
    }
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
