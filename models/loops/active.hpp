#pragma once

#include "models/loops/vector.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// Layers with at least this many outputs look for inputs that are exactly 0, as after relu, and
/// leave out their rows of W: lossless, and the longest part of a step on one row is reading W.
constexpr std::size_t wide_outputs = 96;

/// Indices of the inputs that are not 0, ascending; found without branches, which would be
/// mispredicted.
struct Active {
  std::size_t count = 0;
  std::uint16_t index[4096];
};

inline void find_active(const float* x, std::size_t inputs, Active& active) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < inputs; ++i) {
    active.index[count] = static_cast<std::uint16_t>(i);
    count += x[i] != 0.0F ? 1U : 0U;
  }
  active.count = count;
}

}  // namespace haltere::models::HALTERE_LOOPS
