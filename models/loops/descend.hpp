#pragma once

#include "models/loops/active.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// w -= step * dy for the last `left` < lanes columns, in ever narrower vectors: no store reaches
/// into the next row, whose load would have to wait for it.
inline void descend_tail(float* w, const float* dy, float step, std::size_t left) {
  using Octet = Pack<8>::Type;
  using Pair = Pack<2>::Type;
  if constexpr (lanes > 8) {
    if ((left & 8U) != 0) {
      store(w, load<Octet>(w) - step * load<Octet>(dy));
      w += 8;
      dy += 8;
    }
  }
  if constexpr (lanes > 4) {
    if ((left & 4U) != 0) {
      store(w, load<Quad>(w) - step * load<Quad>(dy));
      w += 4;
      dy += 4;
    }
  }
  if ((left & 2U) != 0) {
    store(w, load<Pair>(w) - step * load<Pair>(dy));
    w += 2;
    dy += 2;
  }
  if ((left & 1U) != 0) *w -= step * *dy;
}

inline void descend_row(float* w, const float* dy, float step, std::size_t outputs) {
  constexpr std::size_t block = 4 * lanes;
  const std::size_t whole = outputs - outputs % lanes;
  std::size_t o = 0;
  for (; o + block <= whole; o += block)
    for (std::size_t at = o; at < o + block; at += lanes)
      store(w + at, load(w + at) - step * load(dy + at));
  for (; o < whole; o += lanes) store(w + o, load(w + o) - step * load(dy + o));
  descend_tail(w + whole, dy + whole, step, outputs - whole);
}

/// Rows of exactly `vectors` vectors: dy stays in registers.
template <std::size_t vectors>
inline void descend_rows(float* w, const float* x, const float* dy, float rate,
                         std::size_t inputs) {
  Vector slopes[vectors];
  for (std::size_t v = 0; v < vectors; ++v) slopes[v] = load(dy + v * lanes);
  for (std::size_t i = 0; i < inputs; ++i, w += vectors * lanes) {
    const float step = rate * x[i];
    for (std::size_t v = 0; v < vectors; ++v)
      store(w + v * lanes, load(w + v * lanes) - step * slopes[v]);
  }
}

inline void descend_narrow(float* w, const float* x, const float* dy, float rate, DenseSize size) {
  if (size.outputs == 8 * lanes) return descend_rows<8>(w, x, dy, rate, size.inputs);
  if (size.outputs == 4 * lanes) return descend_rows<4>(w, x, dy, rate, size.inputs);
  if (size.outputs == 2 * lanes) return descend_rows<2>(w, x, dy, rate, size.inputs);
  if (size.outputs == lanes) return descend_rows<1>(w, x, dy, rate, size.inputs);
  for (std::size_t i = 0; i < size.inputs; ++i, w += size.outputs)
    descend_row(w, dy, rate * x[i], size.outputs);
}

/// parameters -= rate * gradient of one row, x^T dy, without forming it.
inline void descend(float* parameters, const float* x, const float* dy, float rate,
                    DenseSize size) {
  if (is_wide(size)) {
    Active active;
    find_active(x, size.inputs, active);
    for (std::size_t k = 0; k < active.count; ++k) {
      const std::size_t i = active.index[k];
      descend_row(parameters + i * size.outputs, dy, rate * x[i], size.outputs);
    }
  } else {
    descend_narrow(parameters, x, dy, rate, size);
  }
  descend_row(parameters + size.inputs * size.outputs, dy, rate, size.outputs);
}

}  // namespace haltere::models::HALTERE_LOOPS
