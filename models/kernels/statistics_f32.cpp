#include "models/kernels/statistics_f32.hpp"

#include "models/kernels/bytes.hpp"
#include "models/kernels/interleaved_sum.hpp"

namespace haltere {
namespace kernels {
float mean_f32(const float* x, size_t n) {
  const float first = x[0];
  const float sum = interleaved_sum(n, [=](size_t i) { return x[i] - first; });
  return first + sum / static_cast<float>(n);
}

float variance_f32(const float* x, size_t n, float mean) {
  const float sum = interleaved_sum(n, [=](size_t i) {
    const float deviation = x[i] - mean;
    return deviation * deviation;
  });
  return sum / static_cast<float>(n);
}

float mean_square_f32(const float* x, size_t n) {
  return interleaved_sum(n, [=](size_t i) { return x[i] * x[i]; }) / static_cast<float>(n);
}

float mean_absolute_f32(const float* x, size_t n) {
  const float sum =
      interleaved_sum(n, [=](size_t i) { return float_of(bits_of(x[i]) & 0x7fffffffU); });
  return sum / static_cast<float>(n);
}

Extremes extremes_f32(const float* x, size_t n) {
  Extremes found = {x[0], x[0]};
  for (size_t i = 1; i < n; ++i) {
    found.min = x[i] < found.min ? x[i] : found.min;
    found.max = x[i] > found.max ? x[i] : found.max;
  }
  return found;
}

size_t mean_crossings_f32(const float* x, size_t n, float mean) {
  size_t crossings = 0;
  int side = 0;
  for (size_t i = 0; i < n; ++i) {
    const int now = (x[i] > mean ? 1 : 0) - (x[i] < mean ? 1 : 0);
    if (now * side < 0) ++crossings;
    if (now != 0) side = now;
  }
  return crossings;
}

}  // namespace kernels
}  // namespace haltere
