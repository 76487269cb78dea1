#pragma once

#include "models/loops/backward_rows.hpp"
#include "models/loops/narrow_back.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// dx of four rows of W, of which the first `count` differ.
inline Quad row_dots(const Backward& work, const PaddedTail& tail, const std::size_t* rows) {
  const float* w[tile_inputs];
  for (std::size_t k = 0; k < tile_inputs; ++k) w[k] = work.weights + rows[k] * work.size.outputs;
  Quad dots;
  dot_tile<1, dot_parts<true>>(w, &work.dy, &tail, work.size.outputs, &dots);
  return dots;
}

inline void backward_row_all(const Backward& work, const PaddedTail& tail) {
  const std::size_t inputs = work.size.inputs;
  for (std::size_t i = 0; i < inputs; i += tile_inputs) {
    const std::size_t count = inputs - i < tile_inputs ? inputs - i : tile_inputs;
    std::size_t rows[tile_inputs];
    for (std::size_t k = 0; k < tile_inputs; ++k) rows[k] = k < count ? i + k : i;
    work.keep(i, count, row_dots(work, tail, rows));
  }
}

/// Reads only the rows of W whose dx counts.
inline void backward_row_active(const Backward& work, const PaddedTail& tail) {
  Active active;
  find_active(work.relu, work.size.inputs, active);
  for (std::size_t i = 0; i < work.size.inputs; ++i) work.dx[i] = 0.0F;
  for (std::size_t a = 0; a < active.count; a += tile_inputs) {
    const std::size_t left = active.count - a;
    const std::size_t count = left < tile_inputs ? left : tile_inputs;
    std::size_t rows[tile_inputs];
    for (std::size_t k = 0; k < tile_inputs; ++k) rows[k] = active.index[k < count ? a + k : a];
    const Quad dots = row_dots(work, tail, rows);
    for (std::size_t k = 0; k < count; ++k) work.dx[rows[k]] = dots[k];
  }
}

inline void backward(const float* weights, const float* dy, const float* relu, float* dx,
                     DenseSize size) {
  Backward work{weights, dy, relu, nullptr, size};
  work.dx = dx;
  if (is_packed(size)) return backward_packed(work);
  if (size.rows > 1) return backward_tiles(work);
  const bool is_sparse = relu != nullptr && is_wide(size);
  if (size.outputs <= NarrowBack::most_vectors * lanes && !is_sparse) {
    const PaddedSlopes padded(dy, size.outputs);
    // Never written to: without steps the weights are only read.
    auto* read_only = const_cast<float*>(weights);
    narrow_back<Rows::read>({read_only, nullptr, padded.values, 0.0F, size.outputs}, work);
    return;
  }
  PaddedTail tail;
  pad_tail(dy, size.outputs, tail);
  if (is_sparse) {
    backward_row_active(work, tail);
  } else {
    backward_row_all(work, tail);
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
