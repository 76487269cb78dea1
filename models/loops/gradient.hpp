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

/// All columns of `inputs` inputs; the partial vector first, as in forward_tiles.
template <std::size_t inputs>
inline void gradient_tiles(const Gradient& work, std::size_t i) {
  constexpr std::size_t most = accumulators / inputs;
  constexpr std::size_t vectors = most > 4 ? 4 : most;
  const std::size_t whole = work.size.outputs - work.size.outputs % lanes;
  if (whole < work.size.outputs) gradient_tile<inputs, 1>(work, i, whole);
  std::size_t column = 0;
  for (; column + vectors * lanes <= whole; column += vectors * lanes)
    gradient_tile<inputs, vectors>(work, i, column);
  for (; column < whole; column += lanes) gradient_tile<inputs, 1>(work, i, column);
}

template <std::size_t inputs>
inline void gradient_last(const Gradient& work, std::size_t i) {
  if constexpr (inputs > 0) {
    if (work.size.inputs - i == inputs) {
      gradient_tiles<inputs>(work, i);
    } else {
      gradient_last<inputs - 1>(work, i);
    }
  }
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

inline void gradient(const float* x, const float* dy, float* to, DenseSize size) {
  constexpr std::size_t tile = 6;
  Gradient work{x, dy, nullptr, size};
  work.to = to;
  std::size_t i = 0;
  for (; i + tile <= size.inputs; i += tile) gradient_tiles<tile>(work, i);
  gradient_last<tile - 1>(work, i);
  bias_gradient(work);
}

}  // namespace haltere::models::HALTERE_LOOPS
