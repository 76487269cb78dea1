#pragma once

#include "models/loops/backward.hpp"
#include "models/loops/descend.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// One row on its way back through a layer of at most `most_vectors` vectors of outputs, whose dy
/// stays in registers; its weights step as they are read where `rate` is not 0.
struct NarrowBack {
  float* weights;
  const float* x;
  const float* padded_dy;  ///< to whole vectors, with zeros
  float rate;
  std::size_t outputs;

  static constexpr std::size_t most_vectors = 8;
};

constexpr std::size_t row_parts = dot_parts<true>;

/// Dot products of dy with `rows` neighbouring rows of W from `i` on, four or one.
template <std::size_t vectors, std::size_t rows, bool stepping>
inline Quad narrow_rows(const NarrowBack& work, std::size_t i) {
  float* w = work.weights + i * work.outputs;
  Vector sums[rows][row_parts];
  for (auto& row : sums) clear<row_parts>(row);
  const std::size_t whole = stepping ? work.outputs / lanes : 0;
  for (std::size_t k = 0; k < rows; ++k, w += work.outputs) {
    const float step = stepping ? work.rate * work.x[i + k] : 0.0F;
    for (std::size_t v = 0; v < vectors; ++v) {
      const Vector slopes = load(work.padded_dy + v * lanes);
      const Vector before = load(w + v * lanes);
      sums[k][v % row_parts] += slopes * before;
      if (stepping && v < whole) store(w + v * lanes, before - step * slopes);
    }
    if (stepping && whole < vectors)
      descend_tail(w + whole * lanes, work.padded_dy + whole * lanes, step,
                   work.outputs - whole * lanes);
  }
  const Quad zero = {};
  if constexpr (rows == 1) return fold_quads(fold_parts<row_parts>(sums[0]), zero, zero, zero);
  if constexpr (rows == tile_inputs)
    return fold_quads(fold_parts<row_parts>(sums[0]), fold_parts<row_parts>(sums[1]),
                      fold_parts<row_parts>(sums[2]), fold_parts<row_parts>(sums[3]));
}

template <std::size_t vectors, bool stepping>
inline void narrow_layer(const NarrowBack& work, const Backward& keeper) {
  std::size_t i = 0;
  for (; i + tile_inputs <= keeper.size.inputs; i += tile_inputs)
    keeper.keep(i, tile_inputs, narrow_rows<vectors, tile_inputs, stepping>(work, i));
  for (; i < keeper.size.inputs; ++i) keeper.keep(i, 1, narrow_rows<vectors, 1, stepping>(work, i));
}

/// Picks the number of vectors; false if there are too many of them.
template <bool stepping, std::size_t vectors = NarrowBack::most_vectors>
inline bool narrow_back(const NarrowBack& work, const Backward& keeper) {
  if constexpr (vectors == 0) {
    return false;
  } else {
    if ((work.outputs + lanes - 1) / lanes != vectors)
      return narrow_back<stepping, vectors - 1>(work, keeper);
    narrow_layer<vectors, stepping>(work, keeper);
    return true;
  }
}

/// dy, padded to whole vectors.
struct PaddedSlopes {
  alignas(64) float values[NarrowBack::most_vectors * lanes];

  PaddedSlopes(const float* dy, std::size_t outputs) {
    const std::size_t padded = (outputs + lanes - 1) / lanes * lanes;
    for (std::size_t o = 0; o < outputs; ++o) values[o] = dy[o];
    for (std::size_t o = outputs; o < padded; ++o) values[o] = 0.0F;
  }
};

}  // namespace haltere::models::HALTERE_LOOPS
