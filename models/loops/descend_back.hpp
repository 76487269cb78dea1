#pragma once

#include "models/loops/narrow_back.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// One row on its way back through a layer whose weights step as they are read.
struct DescendBack {
  float* weights;
  RowSlopes row;
  float rate;
  std::size_t outputs;
  const PaddedTail* tail;

  /// Dot products of dy with four rows of W, of which the first `count` differ; then their steps.
  Quad step_rows(float* const* w, const float* steps, std::size_t count) const {
    Quad dots;
    const float* from[tile_inputs] = {w[0], w[1], w[2], w[3]};
    dot_tile<1, dot_parts<true>>(from, &row.dy, tail, outputs, &dots);
    if (count == tile_inputs) {
      descend_rows(w, steps);
    } else {
      for (std::size_t k = 0; k < count; ++k) descend_row(w[k], row.dy, steps[k], outputs);
    }
    return dots;
  }

  /// Steps of four rows of W at a time.
  void descend_rows(float* const* w, const float* steps) const {
    const std::size_t whole = outputs - outputs % lanes;
    for (std::size_t o = 0; o < whole; o += lanes) {
      const Vector slopes = load(row.dy + o);
      for (std::size_t k = 0; k < tile_inputs; ++k)
        store(w[k] + o, load(w[k] + o) - steps[k] * slopes);
    }
    if (whole < outputs)
      for (std::size_t k = 0; k < tile_inputs; ++k)
        descend_tail(w[k] + whole, row.dy + whole, steps[k], outputs - whole);
  }
};

inline void descend_back_all(const DescendBack& work, std::size_t inputs) {
  const Backward keeper{nullptr, nullptr, work.row.relu ? work.row.x : nullptr, work.row.dx, {}};
  for (std::size_t i = 0; i < inputs; i += tile_inputs) {
    const std::size_t count = inputs - i < tile_inputs ? inputs - i : tile_inputs;
    float* w[tile_inputs];
    float steps[tile_inputs];
    for (std::size_t k = 0; k < tile_inputs; ++k) {
      const std::size_t at = k < count ? i + k : i;
      w[k] = work.weights + at * work.outputs;
      steps[k] = work.rate * work.row.x[at];
    }
    keeper.keep(i, count, work.step_rows(w, steps, count));
  }
}

/// Four rows of W and their steps.
struct FourRows {
  float* w[tile_inputs];
  float steps[tile_inputs];
};

/// The rows of the inputs `index` [count]; the first stands in for those that are missing.
inline FourRows four_rows(const DescendBack& work, const std::uint16_t* index, std::size_t count) {
  FourRows rows;
  for (std::size_t k = 0; k < tile_inputs; ++k) {
    const std::size_t at = index[k < count ? k : 0];
    rows.w[k] = work.weights + at * work.outputs;
    rows.steps[k] = work.rate * work.row.x[at];
  }
  return rows;
}

/// Only the rows of W that relu let through: the others have neither a dx nor a step.
inline void descend_back_active(const DescendBack& work, std::size_t inputs) {
  Active active;
  find_active(work.row.x, inputs, active);
  for (std::size_t i = 0; i < inputs; ++i) work.row.dx[i] = 0.0F;
  for (std::size_t a = 0; a < active.count; a += tile_inputs) {
    const std::size_t left = active.count - a;
    const std::size_t count = left < tile_inputs ? left : tile_inputs;
    const FourRows rows = four_rows(work, active.index + a, count);
    if (left > 2 * tile_inputs)
      for (std::size_t k = tile_inputs; k < 2 * tile_inputs; ++k)
        prefetch(work.weights + active.index[a + k] * work.outputs, work.outputs);
    const Quad dots = work.step_rows(rows.w, rows.steps, count);
    for (std::size_t k = 0; k < count; ++k) work.row.dx[active.index[a + k]] = dots[k];
  }
}

inline void descend_back(float* parameters, const RowSlopes& row, float rate, DenseSize size) {
  if (size.outputs <= NarrowBack::most_vectors * lanes && !(row.relu && is_wide(size))) {
    const PaddedSlopes padded(row.dy, size.outputs);
    const Backward keeper{nullptr, nullptr, row.relu ? row.x : nullptr, row.dx, size};
    const NarrowBack work{parameters, row.x, padded.values, rate, size.outputs};
    if (size.outputs % lanes == 0) {
      narrow_back<Rows::step>(work, keeper);
    } else {
      narrow_back<Rows::step_with_tail>(work, keeper);
    }
  } else {
    PaddedTail tail;
    pad_tail(row.dy, size.outputs, tail);
    const DescendBack work{parameters, row, rate, size.outputs, &tail};
    if (row.relu && is_wide(size)) {
      descend_back_active(work, size.inputs);
    } else {
      descend_back_all(work, size.inputs);
    }
  }
  descend_row(parameters + size.inputs * size.outputs, row.dy, rate, size.outputs);
}

}  // namespace haltere::models::HALTERE_LOOPS
