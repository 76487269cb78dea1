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

constexpr std::size_t narrow_parts = dot_parts<false>;

/// Whether the rows of W step as they are read, and whether outputs fill whole vectors.
enum class Rows { read, step, step_with_tail };

/// `rows` neighbouring rows of W, four or one, with their steps and the partial sums of their dot
/// products with dy.
template <std::size_t rows>
struct NarrowRows {
  float* w;
  float steps[rows] = {};
  Vector sums[rows][narrow_parts];

  template <bool stepping>
  void add_column(std::size_t v, Vector slopes, std::size_t stride) {
    for (std::size_t k = 0; k < rows; ++k) {
      float* const at = w + k * stride + v * lanes;
      const Vector before = load(at);
      sums[k][v % narrow_parts] += slopes * before;
      if (stepping) store(at, before - steps[k] * slopes);
    }
  }

  [[nodiscard]] Quad dots() const {
    const Quad zero = {};
    const Quad first = fold_parts<narrow_parts>(sums[0]);
    if constexpr (rows == 1) return fold_quads(first, zero, zero, zero);
    if constexpr (rows == tile_inputs)
      return fold_quads(first, fold_parts<narrow_parts>(sums[1]), fold_parts<narrow_parts>(sums[2]),
                        fold_parts<narrow_parts>(sums[3]));
  }
};

/// Dot products of dy with `rows` rows of W from `i` on, four or one.
template <std::size_t vectors, std::size_t rows, Rows kind>
inline Quad narrow_rows(const NarrowBack& work, std::size_t i) {
  constexpr std::size_t stepped = kind == Rows::read ? 0 : vectors - (kind == Rows::step ? 0 : 1);
  const std::size_t stride = work.outputs;
  NarrowRows<rows> tile;
  tile.w = work.weights + i * stride;
  for (auto& row : tile.sums) clear<narrow_parts>(row);
  if (kind != Rows::read)
    for (std::size_t k = 0; k < rows; ++k) tile.steps[k] = work.rate * work.x[i + k];
  for (std::size_t v = 0; v < stepped; ++v)
    tile.template add_column<true>(v, load(work.padded_dy + v * lanes), stride);
  for (std::size_t v = stepped; v < vectors; ++v)
    tile.template add_column<false>(v, load(work.padded_dy + v * lanes), stride);
  if (kind == Rows::step_with_tail)
    for (std::size_t k = 0; k < rows; ++k)
      descend_tail(tile.w + k * stride + stepped * lanes, work.padded_dy + stepped * lanes,
                   tile.steps[k], stride - stepped * lanes);
  return tile.dots();
}

template <std::size_t vectors, Rows kind>
inline void narrow_layer(const NarrowBack& work, const Backward& keeper) {
  std::size_t i = 0;
  for (; i + tile_inputs <= keeper.size.inputs; i += tile_inputs)
    keeper.keep(i, tile_inputs, narrow_rows<vectors, tile_inputs, kind>(work, i));
  for (; i < keeper.size.inputs; ++i) keeper.keep(i, 1, narrow_rows<vectors, 1, kind>(work, i));
}

/// Picks the number of vectors, of which there are at most NarrowBack::most_vectors.
template <Rows kind, std::size_t vectors = NarrowBack::most_vectors>
inline void narrow_back(const NarrowBack& work, const Backward& keeper) {
  if constexpr (vectors > 1) {
    if ((work.outputs + lanes - 1) / lanes != vectors)
      return narrow_back<kind, vectors - 1>(work, keeper);
  }
  narrow_layer<vectors, kind>(work, keeper);
}

using PaddedSlopes = Padded<NarrowBack::most_vectors>;

}  // namespace haltere::models::HALTERE_LOOPS
