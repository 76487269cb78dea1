#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

// Statistics of one channel's window x [n], n >= 1, in the channel's unit. Sums run in a fixed
// order (four interleaved partial sums), so that host and microcontroller agree to the bit.

/// x[0] + sum(x[i] - x[0]) / n: precise also for small changes on a large offset (air pressure).
float mean_f32(const float* x, size_t n);

/// Smallest and largest; a zero without its sign, so that the order does not matter.
struct Extremes {
  float min;
  float max;
};
Extremes extremes_f32(const float* x, size_t n);

/// How often x - mean changes its sign; values equal to the mean count as no change. Crossings of
/// the mean, not of zero: gravity or a sensor's offset would hide them.
size_t mean_crossings_f32(const float* x, size_t n, float mean);

}  // namespace kernels
}  // namespace haltere
