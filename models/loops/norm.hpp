#pragma once

#include "models/loops/vector.hpp"

namespace haltere::models::HALTERE_LOOPS {

constexpr std::size_t norm_parts = reduction_lanes / lanes;

inline void add_squares(const float* values, Vector* sums) {
  for (std::size_t p = 0; p < norm_parts; ++p) {
    const Vector value = load(values + p * lanes);
    sums[p] += value * value;
  }
}

/// Sum of squares.
inline float norm_squared(const float* values, std::size_t count) {
  Vector sums[norm_parts];
  clear<norm_parts>(sums);
  const std::size_t whole = count - count % reduction_lanes;
  for (std::size_t i = 0; i < whole; i += reduction_lanes) add_squares(values + i, sums);
  if (whole < count) {
    PaddedTail tail;
    pad_tail(values, count, tail);
    add_squares(tail.values, sums);
  }
  return fold_quad(fold_parts<norm_parts>(sums));
}

}  // namespace haltere::models::HALTERE_LOOPS
