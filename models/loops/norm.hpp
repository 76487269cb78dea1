#pragma once

#include "models/loops/partial.hpp"

namespace haltere::models::HALTERE_LOOPS {

constexpr std::size_t norm_parts = reduction_lanes / lanes;

/// Sum of squares.
inline float norm_squared(const float* values, std::size_t count) {
  Vector sums[norm_parts];
  clear<norm_parts>(sums);
  std::size_t i = 0;
  for (; i + reduction_lanes <= count; i += reduction_lanes)
    for (std::size_t p = 0; p < norm_parts; ++p) {
      const Vector value = load(values + i + p * lanes);
      sums[p] += value * value;
    }
  for (std::size_t p = 0; i < count; ++p, i += lanes) {
    const Vector value = load_first(values + i, count - i < lanes ? count - i : lanes);
    sums[p] += value * value;
  }
  return fold_quad(fold_parts<norm_parts>(sums));
}

}  // namespace haltere::models::HALTERE_LOOPS
