#pragma once

#include <stddef.h>

namespace haltere {
namespace kernels {

/// Sum of term(i), i = 0..n-1, as four interleaved sums: shorter chains of roundings, and on the
/// host of waiting for the one before.
template <typename Term>
float interleaved_sum(size_t n, Term term) {
  float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (size_t lane = 0; lane < 4; ++lane) sums[lane] += term(i + lane);
  }
  for (size_t lane = 0; i < n; ++i, ++lane) sums[lane] += term(i);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace kernels
}  // namespace haltere
