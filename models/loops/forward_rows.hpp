#pragma once

#include "models/loops/forward_row.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// Several rows on their way through a layer: y [rows][outputs] = layer_bias + x W.
struct RowsForward {
  const float* parameters;
  const float* x;  ///< first row of the tile
  float* y;
  DenseSize size;
  bool rectified;

  void keep(std::size_t at, Vector sums) const { store(y + at, rectified ? relu_of(sums) : sums); }
};

/// `rows` x `vectors` sums held in registers while the inputs go by.
template <std::size_t rows, std::size_t vectors>
inline void forward_tile(const RowsForward& work, std::size_t column) {
  const std::size_t inputs = work.size.inputs;
  const std::size_t stride = work.size.outputs;
  const float* w = work.parameters + column;
  const float* layer_bias = w + inputs * stride;
  Vector sums[rows][vectors];
  for (std::size_t v = 0; v < vectors; ++v)
    for (std::size_t r = 0; r < rows; ++r) sums[r][v] = load(layer_bias + v * lanes);
  for (std::size_t i = 0; i < inputs; ++i, w += stride) {
    __builtin_prefetch(w + vectors * lanes);  // the next columns: the rows are far apart
    for (std::size_t r = 0; r < rows; ++r) add_scaled<vectors>(sums[r], work.x[r * inputs + i], w);
  }
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t v = 0; v < vectors; ++v)
      work.keep(r * stride + column + v * lanes, sums[r][v]);
}

constexpr std::size_t tile_rows = 6;

/// The last rows, of which there are `left` <= `rows`.
template <std::size_t rows, std::size_t vectors>
inline void forward_last(const RowsForward& work, std::size_t column, std::size_t left) {
  if constexpr (rows > 0) {
    if (left == rows) {
      forward_tile<rows, vectors>(work, column);
    } else {
      forward_last<rows - 1, vectors>(work, column, left);
    }
  }
}

/// `vectors` columns of all rows: W's part of them stays in the cache while the rows go by.
template <std::size_t vectors>
inline void forward_strip(RowsForward work, std::size_t column) {
  std::size_t left = work.size.rows;
  for (; left >= tile_rows; left -= tile_rows) {
    forward_tile<tile_rows, vectors>(work, column);
    work.x += tile_rows * work.size.inputs;
    work.y += tile_rows * work.size.outputs;
  }
  forward_last<tile_rows - 1, vectors>(work, column, left);
}

/// The last, partial vector of columns comes first: what it spills over the ends of its rows, the
/// whole vectors of the next rows overwrite.
inline void forward(const float* parameters, const float* x, float* y, DenseSize size,
                    bool rectified) {
  if (size.rows == 1) return forward_row({parameters, x, y, size, rectified});
  const RowsForward work{parameters, x, y, size, rectified};
  constexpr std::size_t vectors = accumulators / tile_rows;
  const std::size_t whole = size.outputs - size.outputs % lanes;
  if (whole < size.outputs) forward_strip<1>(work, whole);
  std::size_t column = 0;
  for (; column + vectors * lanes <= whole; column += vectors * lanes)
    forward_strip<vectors>(work, column);
  for (; column < whole; column += lanes) forward_strip<1>(work, column);
}

}  // namespace haltere::models::HALTERE_LOOPS
