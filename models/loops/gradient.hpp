#pragma once

#include "models/loops/vector.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// to [inputs][outputs] = x^T dy over all rows, then layer_bias' part: the column sums of dy.
struct Gradient {
  const float* x;
  const float* dy;
  float* to;
  DenseSize size;
};

/// `inputs` x `vectors` sums held in registers while the rows go by.
template <std::size_t inputs, std::size_t vectors>
inline void gradient_tile(const Gradient& work, std::size_t i, std::size_t column) {
  const float* x = work.x + i;
  const float* dy = work.dy + column;
  Vector sums[inputs][vectors];
  for (auto& one : sums) clear<vectors>(one);
  for (std::size_t row = 0; row < work.size.rows; ++row) {
    for (std::size_t k = 0; k < inputs; ++k)
      for (std::size_t v = 0; v < vectors; ++v) sums[k][v] += x[k] * load(dy + v * lanes);
    x += work.size.inputs;
    dy += work.size.outputs;
  }
  float* to = work.to + i * work.size.outputs + column;
  for (std::size_t k = 0; k < inputs; ++k)
    for (std::size_t v = 0; v < vectors; ++v)
      store(to + k * work.size.outputs + v * lanes, sums[k][v]);
}

constexpr std::size_t tile_gradients = 6;

/// The last inputs from `i` on, of which there are at most `inputs`.
template <std::size_t inputs, std::size_t vectors>
inline void gradient_last(const Gradient& work, std::size_t i, std::size_t column) {
  if constexpr (inputs > 0) {
    if (work.size.inputs - i == inputs) {
      gradient_tile<inputs, vectors>(work, i, column);
    } else {
      gradient_last<inputs - 1, vectors>(work, i, column);
    }
  }
}

/// `vectors` columns of all inputs: their part of dy stays in the cache.
template <std::size_t vectors>
inline void gradient_strip(const Gradient& work, std::size_t column) {
  std::size_t i = 0;
  for (; i + tile_gradients <= work.size.inputs; i += tile_gradients)
    gradient_tile<tile_gradients, vectors>(work, i, column);
  gradient_last<tile_gradients - 1, vectors>(work, i, column);
}

inline void bias_gradient(const Gradient& work) {
  float* to = work.to + work.size.inputs * work.size.outputs;
  for (std::size_t o = 0; o < work.size.outputs; o += lanes) {
    Vector sums = load(work.dy + o);
    for (std::size_t row = 1; row < work.size.rows; ++row)
      sums += load(work.dy + row * work.size.outputs + o);
    store(to + o, sums);
  }
}

/// The partial vector of columns first, as in `forward`.
inline void gradient(const float* x, const float* dy, float* to, DenseSize size) {
  Gradient work{x, dy, nullptr, size};
  work.to = to;
  constexpr std::size_t vectors = accumulators / tile_gradients;
  const std::size_t whole = size.outputs - size.outputs % lanes;
  if (whole < size.outputs) gradient_strip<1>(work, whole);
  std::size_t column = 0;
  for (; column + vectors * lanes <= whole; column += vectors * lanes)
    gradient_strip<vectors>(work, column);
  for (; column < whole; column += lanes) gradient_strip<1>(work, column);
  bias_gradient(work);
}

}  // namespace haltere::models::HALTERE_LOOPS
