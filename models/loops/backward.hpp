#pragma once

#include "models/loops/active.hpp"
#include "models/loops/partial.hpp"

namespace haltere::models::HALTERE_LOOPS {

constexpr std::size_t tile_inputs = 4;

/// dx [rows][inputs] = dy W^T; where `relu` [rows][inputs] is given, 0 wherever that is not above
/// 0.
struct Backward {
  const float* weights;
  const float* dy;
  const float* relu;
  float* dx;
  DenseSize size;

  /// Keeps the first `count` of four neighbours' dx, without branches on what relu let through.
  void keep(std::size_t at, std::size_t count, Quad values) const {
    const Quad zero = {};
    if (count == tile_inputs) {
      if (relu != nullptr) values = load<Quad>(relu + at) > zero ? values : zero;
      return store(dx + at, values);
    }
    for (std::size_t k = 0; k < count; ++k)
      dx[at + k] = relu == nullptr || relu[at + k] > 0.0F ? values[k] : 0.0F;
  }
};

/// Vectors of partial sums of one dot product. The exact builds all have reduction_lanes of them.
template <bool one_row>
constexpr std::size_t dot_parts = fused && !one_row ? 1 : reduction_lanes / lanes;

/// sums [rows][tile_inputs][parts] += products of `parts` vectors of dy rows and of W rows.
template <std::size_t rows, std::size_t parts>
inline void add_products(const float* const* w, const float* const* dy, std::size_t column,
                         Vector (*sums)[tile_inputs][parts]) {
  for (std::size_t p = 0; p < parts; ++p) {
    Vector slopes[rows];
    for (std::size_t r = 0; r < rows; ++r) slopes[r] = load(dy[r] + column + p * lanes);
    for (std::size_t k = 0; k < tile_inputs; ++k) {
      const Vector weights = load(w[k] + column + p * lanes);
      for (std::size_t r = 0; r < rows; ++r) sums[r][k][p] += slopes[r] * weights;
    }
  }
}

/// Dot products of `rows` rows of dy with four rows of W; `tails` are the padded ends of the dy.
template <std::size_t rows, std::size_t parts>
inline void dot_tile(const float* const* w, const float* const* dy, const PaddedTail* tails,
                     std::size_t outputs, Quad* dots) {
  constexpr std::size_t block = parts * lanes;
  Vector sums[rows][tile_inputs][parts];
  for (auto& row : sums)
    for (auto& one : row) clear<parts>(one);
  const std::size_t in_tail = outputs % reduction_lanes;
  const std::size_t whole = outputs - in_tail;
  for (std::size_t o = 0; o < whole; o += block) add_products<rows, parts>(w, dy, o, sums);
  if (in_tail > 0) {
    const float* ends_w[tile_inputs];
    const float* ends_dy[rows];
    for (std::size_t k = 0; k < tile_inputs; ++k) ends_w[k] = w[k] + whole;
    for (std::size_t r = 0; r < rows; ++r) ends_dy[r] = tails[r].values;
    for (std::size_t o = 0; o < in_tail; o += block)
      add_products<rows, parts>(ends_w, ends_dy, o, sums);
  }
  for (std::size_t r = 0; r < rows; ++r)
    dots[r] = fold_quads(fold_parts<parts>(sums[r][0]), fold_parts<parts>(sums[r][1]),
                         fold_parts<parts>(sums[r][2]), fold_parts<parts>(sums[r][3]));
}

// ---- several rows

/// Rows of dy that share each load of W.
constexpr std::size_t backward_rows = accumulators / tile_inputs / dot_parts < false >> 0
                                          ? accumulators / tile_inputs / dot_parts<false>
                                          : 1;

/// dx of four inputs from `i` on (fewer at the end), for `rows` rows from `row` on.
template <std::size_t rows>
inline void backward_tile(const Backward& work, std::size_t row, std::size_t i) {
  const std::size_t inputs = work.size.inputs;
  const std::size_t outputs = work.size.outputs;
  const float* w[tile_inputs];
  const float* dy[rows];
  PaddedTail tails[rows];
  for (std::size_t k = 0; k < tile_inputs; ++k)
    w[k] = work.weights + (i + k < inputs ? i + k : i) * outputs;
  for (std::size_t r = 0; r < rows; ++r) {
    dy[r] = work.dy + (row + r) * outputs;
    pad_tail(dy[r], outputs, tails[r]);
  }
  Quad dots[rows];
  dot_tile<rows, dot_parts<false>>(w, dy, tails, outputs, dots);
  const std::size_t left = inputs - i < tile_inputs ? inputs - i : tile_inputs;
  for (std::size_t r = 0; r < rows; ++r) work.keep((row + r) * inputs + i, left, dots[r]);
}

template <std::size_t rows>
inline void backward_last(const Backward& work, std::size_t row, std::size_t i) {
  if constexpr (rows > 0) {
    if (work.size.rows - row == rows) {
      backward_tile<rows>(work, row, i);
    } else {
      backward_last<rows - 1>(work, row, i);
    }
  }
}

inline void backward_tiles(const Backward& work) {
  for (std::size_t i = 0; i < work.size.inputs; i += tile_inputs) {
    std::size_t row = 0;
    for (; row + backward_rows <= work.size.rows; row += backward_rows)
      backward_tile<backward_rows>(work, row, i);
    backward_last<backward_rows - 1>(work, row, i);
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
