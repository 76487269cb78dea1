#pragma once

#include "models/loops/backward.hpp"
#include "models/loops/forward_row.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// Several rows on their way back with W transposed: dx [rows][inputs] is then a product like
/// forward's, whose sums lie side by side in vectors instead of across them. A strip of W^T is
/// packed at a time, which every row then reads; worth it from `fewest_rows` on, and while a strip
/// of all outputs stays in the L1 cache.
constexpr std::size_t strip_vectors = accumulators / 6;
constexpr std::size_t strip_inputs = strip_vectors * lanes;
constexpr std::size_t fewest_rows = 6;
constexpr std::size_t most_packed_outputs = 256;

inline bool is_packed(DenseSize size) {
  return size.rows >= fewest_rows && size.outputs <= most_packed_outputs;
}

/// Stores the four columns of four rows of W as four rows of the strip.
inline void pack_quads(const float* const* w, std::size_t o, float* to) {
  const Quad a = load<Quad>(w[0] + o);
  const Quad b = load<Quad>(w[1] + o);
  const Quad c = load<Quad>(w[2] + o);
  const Quad d = load<Quad>(w[3] + o);
  const Quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Quad ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Quad cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  store(to, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  store(to + strip_inputs, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  store(to + 2 * strip_inputs, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  store(to + 3 * strip_inputs, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

inline void pack_column(const float* const* w, std::size_t o, float* to) {
  for (std::size_t q = 0; q < tile_inputs; ++q) to[q] = w[q][o];
}

/// packed [outputs][strip_inputs] = W^T of the inputs from `i` on; behind the last one, of that.
inline void pack_strip(const Backward& work, std::size_t i, float* packed) {
  const std::size_t outputs = work.size.outputs;
  const std::size_t last = work.size.inputs - 1;
  for (std::size_t k = 0; k < strip_inputs; k += tile_inputs) {
    const float* w[tile_inputs];
    for (std::size_t q = 0; q < tile_inputs; ++q)
      w[q] = work.weights + (i + k + q < last ? i + k + q : last) * outputs;
    std::size_t o = 0;
    for (; o + 4 <= outputs; o += 4) pack_quads(w, o, packed + o * strip_inputs + k);
    for (; o < outputs; ++o) pack_column(w, o, packed + o * strip_inputs + k);
  }
}

/// Keeps the first `count` of a vector of dx.
inline void keep_vector(const Backward& work, std::size_t at, std::size_t count, Vector values) {
  const Vector zero = {};
  if (count >= lanes) {
    if (work.relu != nullptr) values = load(work.relu + at) > zero ? values : zero;
    return store(work.dx + at, values);
  }
  if (work.relu != nullptr) values = load_first(work.relu + at, count) > zero ? values : zero;
  store_first(work.dx + at, values, count);
}

template <std::size_t rows, std::size_t vectors>
inline void packed_tile(const Backward& work, const float* packed, std::size_t row, std::size_t i) {
  const std::size_t outputs = work.size.outputs;
  const float* dy = work.dy + row * outputs;
  Vector sums[rows][vectors];
  for (auto& one : sums) clear<vectors>(one);
  const float* next = work.weights + (i + strip_inputs) * outputs;
  for (std::size_t o = 0; o < outputs; ++o, packed += strip_inputs) {
    __builtin_prefetch(next + o * strip_inputs);  // what is packed next: a line of it each time
    for (std::size_t r = 0; r < rows; ++r)
      add_scaled<vectors>(sums[r], dy[r * outputs + o], packed);
  }
  const std::size_t inputs = work.size.inputs;
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t v = 0; v < vectors && i + v * lanes < inputs; ++v)
      keep_vector(work, (row + r) * inputs + i + v * lanes, inputs - i - v * lanes, sums[r][v]);
}

template <std::size_t rows, std::size_t vectors>
inline void packed_last(const Backward& work, const float* packed, std::size_t row, std::size_t i) {
  if constexpr (rows > 0) {
    if (work.size.rows - row == rows) {
      packed_tile<rows, vectors>(work, packed, row, i);
    } else {
      packed_last<rows - 1, vectors>(work, packed, row, i);
    }
  }
}

template <std::size_t vectors>
inline void packed_rows(const Backward& work, const float* packed, std::size_t i) {
  std::size_t row = 0;
  for (; row + fewest_rows <= work.size.rows; row += fewest_rows)
    packed_tile<fewest_rows, vectors>(work, packed, row, i);
  packed_last<fewest_rows - 1, vectors>(work, packed, row, i);
}

inline void backward_packed(const Backward& work) {
  alignas(64) float packed[most_packed_outputs * strip_inputs];
  for (std::size_t i = 0; i < work.size.inputs; i += strip_inputs) {
    pack_strip(work, i, packed);
    if (work.size.inputs - i <= lanes) {
      packed_rows<1>(work, packed, i);
    } else {
      packed_rows<strip_vectors>(work, packed, i);
    }
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
