#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

// How one channel's window x [n], n >= 1, is spread and how it moves. Sums run in a fixed order, so
// that host and microcontroller agree to the bit.

/// sum(|x[i] - mean|) / n.
float mean_deviation_f32(const float* x, size_t n, float mean);

/// The highest autocorrelation, 0..1, at lags up to n / 2 beyond the first at which it is not above
/// 0: near 1 for what repeats itself, 0 if there is no such lag. Takes n^2 / 2 products; work [n].
float autocorrelation_f32(const float* x, size_t n, float mean, float* work);

/// Sorts values [n], ascending, in place.
void sort_f32(float* values, size_t n);

/// The quantile `share`, 0..1, of sorted values: linear between the two nearest (Hyndman and Fan
/// 1996, type 7).
float quantile_f32(const float* sorted, size_t n, float share);

}  // namespace kernels
}  // namespace haltere
