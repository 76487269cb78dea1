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
  for (std::size_t i = 0; i < inputs; ++i, w += stride)
    for (std::size_t r = 0; r < rows; ++r) add_scaled<vectors>(sums[r], work.x[r * inputs + i], w);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t v = 0; v < vectors; ++v)
      work.keep(r * stride + column + v * lanes, sums[r][v]);
}

/// All columns of `rows` rows. The last, partial vector of columns comes first: what it spills over
/// the ends of its rows, the whole vectors of the next rows overwrite.
template <std::size_t rows>
inline void forward_tiles(const RowsForward& work) {
  constexpr std::size_t most = accumulators / rows;
  constexpr std::size_t vectors = most > 8 ? 8 : most;
  constexpr std::size_t fewer = vectors > 3 ? vectors / 2 : 1;
  const std::size_t whole = work.size.outputs - work.size.outputs % lanes;
  if (whole < work.size.outputs) forward_tile<rows, 1>(work, whole);
  std::size_t column = 0;
  for (; column + vectors * lanes <= whole; column += vectors * lanes)
    forward_tile<rows, vectors>(work, column);
  for (; column + fewer * lanes <= whole; column += fewer * lanes)
    forward_tile<rows, fewer>(work, column);
  for (; column < whole; column += lanes) forward_tile<rows, 1>(work, column);
}

/// Tiles of the last `left` <= `rows` rows.
template <std::size_t rows>
inline void forward_last(const RowsForward& work, std::size_t left) {
  if constexpr (rows > 0) {
    if (left == rows) {
      forward_tiles<rows>(work);
    } else {
      forward_last<rows - 1>(work, left);
    }
  }
}

constexpr std::size_t tile_rows = 6;

inline void forward(const float* parameters, const float* x, float* y, DenseSize size,
                    bool rectified) {
  if (size.rows == 1) return forward_row({parameters, x, y, size, rectified});
  RowsForward work{parameters, x, y, size, rectified};
  std::size_t row = 0;
  for (; row + tile_rows <= size.rows; row += tile_rows) {
    forward_tiles<tile_rows>(work);
    work.x += tile_rows * size.inputs;
    work.y += tile_rows * size.outputs;
  }
  forward_last<tile_rows - 1>(work, size.rows - row);
}

}  // namespace haltere::models::HALTERE_LOOPS
