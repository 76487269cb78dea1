#pragma once

#include "models/loops/vector.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// Layers with at least this many outputs look for inputs that are exactly 0, as after relu, and
/// leave out their rows of W: lossless, and the longest part of a step on one row is reading W.
constexpr std::size_t wide_outputs = 96;

inline bool is_wide(DenseSize size) { return size.outputs >= wide_outputs; }

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

/// Asks for `count` floats of a row of W that will be needed soon: which rows those are, the CPU
/// cannot guess.
inline void prefetch(const float* row, std::size_t count) {
  constexpr std::size_t line = 16;
  for (std::size_t o = 0; o < count; o += line) __builtin_prefetch(row + o);
}

}  // namespace haltere::models::HALTERE_LOOPS
