#pragma once

#include "models/loops/active.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// One row on its way through a layer: y [outputs] = layer_bias + x W.
struct RowForward {
  const float* parameters;
  const float* x;
  float* y;
  DenseSize size;
  bool rectified;

  void keep(std::size_t column, Vector sums) const {
    store(y + column, rectified ? relu_of(sums) : sums);
  }
};

/// Sums of interleaved chains, folded in halves into the first chain.
template <std::size_t vectors, std::size_t chains>
inline void fold_chains(Vector (*sums)[vectors]) {
  for (std::size_t half = chains / 2; half > 0; half /= 2)
    for (std::size_t c = 0; c < half; ++c)
      for (std::size_t v = 0; v < vectors; ++v) sums[c][v] += sums[c + half][v];
}

template <std::size_t vectors>
inline void add_scaled(Vector* sums, float x, const float* w) {
  for (std::size_t v = 0; v < vectors; ++v) sums[v] += x * load(w + v * lanes);
}

/// `vectors` columns of sums in `chains` interleaved chains of additions, so that the latency of
/// one does not set the pace when the layer is narrow.
template <std::size_t vectors, std::size_t chains>
inline void forward_columns(const RowForward& work, std::size_t column) {
  const std::size_t stride = work.size.outputs;
  const float* w = work.parameters + column;
  const float* layer_bias = w + work.size.inputs * stride;
  Vector sums[chains][vectors];
  for (auto& chain : sums) clear<vectors>(chain);
  for (std::size_t v = 0; v < vectors; ++v) sums[0][v] = load(layer_bias + v * lanes);
  std::size_t i = 0;
  for (; i + chains <= work.size.inputs; i += chains)
    for (std::size_t c = 0; c < chains; ++c, w += stride)
      add_scaled<vectors>(sums[c], work.x[i + c], w);
  for (; i < work.size.inputs; ++i, w += stride) add_scaled<vectors>(sums[0], work.x[i], w);
  fold_chains<vectors, chains>(sums);
  for (std::size_t v = 0; v < vectors; ++v) work.keep(column + v * lanes, sums[0][v]);
}

constexpr std::size_t rows_ahead = 12;

/// The same over the inputs that are not 0.
template <std::size_t vectors>
inline void forward_active(const RowForward& work, const Active& active, std::size_t column) {
  const std::size_t stride = work.size.outputs;
  const float* w = work.parameters + column;
  const float* layer_bias = w + work.size.inputs * stride;
  Vector sums[vectors];
  for (std::size_t v = 0; v < vectors; ++v) sums[v] = load(layer_bias + v * lanes);
  for (std::size_t k = 0; k < active.count; ++k) {
    const std::size_t i = active.index[k];
    const float* row = w + i * stride;
    if (k + rows_ahead < active.count)
      prefetch(w + active.index[k + rows_ahead] * stride, vectors * lanes);
    add_scaled<vectors>(sums, work.x[i], row);
  }
  for (std::size_t v = 0; v < vectors; ++v) work.keep(column + v * lanes, sums[v]);
}

/// Number of chains that keeps eight sums under way; the exact builds add in the order of inputs.
template <std::size_t vectors>
constexpr std::size_t chains_for = fused&& vectors < 8 ? 8 / vectors : 1;

inline void forward_narrow(const RowForward& work) {
  std::size_t column = 0;
  const std::size_t outputs = work.size.outputs;
  for (; column + 8 * lanes <= outputs; column += 8 * lanes) forward_columns<8, 1>(work, column);
  for (; column + 4 * lanes <= outputs; column += 4 * lanes)
    forward_columns<4, chains_for<4>>(work, column);
  for (; column + 2 * lanes <= outputs; column += 2 * lanes)
    forward_columns<2, chains_for<2>>(work, column);
  for (; column < outputs; column += lanes) forward_columns<1, chains_for<1>>(work, column);
}

inline void forward_wide(const RowForward& work) {
  Active active;
  find_active(work.x, work.size.inputs, active);
  std::size_t column = 0;
  const std::size_t outputs = work.size.outputs;
  for (; column + 8 * lanes <= outputs; column += 8 * lanes)
    forward_active<8>(work, active, column);
  for (; column + 2 * lanes <= outputs; column += 2 * lanes)
    forward_active<2>(work, active, column);
  for (; column < outputs; column += lanes) forward_active<1>(work, active, column);
}

inline void forward_row(const RowForward& work) {
  if (is_wide(work.size)) {
    forward_wide(work);
  } else {
    forward_narrow(work);
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
