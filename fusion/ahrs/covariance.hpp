#pragma once

#include <stddef.h>

namespace haltere {
namespace fusion {
namespace ahrs {

/// Covariance of `Size` states and the two things that Kalman filters here do to it. Only the lower
/// half is kept, so that rounding cannot make it lopsided. Plain state.
template <size_t Size>
struct Covariance {
  float lower[Size * (Size + 1) / 2];

  static constexpr size_t index(size_t row, size_t column) {
    return row >= column ? row * (row + 1) / 2 + column : column * (column + 1) / 2 + row;
  }
  float at(size_t row, size_t column) const { return lower[index(row, column)]; }
  float& at(size_t row, size_t column) { return lower[index(row, column)]; }

  /// Sets all to zero.
  void clear() {
    for (float& value : lower) value = 0;
  }

  /// Makes `state` independent of the others, with this variance.
  void reset(size_t state, float variance) {
    for (size_t i = 0; i < Size; ++i) at(state, i) = 0;
    at(state, state) = variance;
  }

  /// x[to] += factor x[from], `to` != `from`.
  void add(size_t to, size_t from, float factor) {
    const float own = at(to, to) + 2 * factor * at(to, from) + factor * factor * at(from, from);
    for (size_t i = 0; i < Size; ++i) at(to, i) += factor * at(from, i);
    at(to, to) = own;
  }

  /// Takes a measurement of one state with this variance: what it tells of every state is
  /// `gain`[Size] times the innovation.
  void measure(size_t state, float variance, float* gain) {
    const float scale = 1 / (at(state, state) + variance);
    float with_state[Size];
    for (size_t i = 0; i < Size; ++i) with_state[i] = at(i, state);
    for (size_t i = 0; i < Size; ++i) gain[i] = with_state[i] * scale;
    subtract(gain, with_state);
  }

  /// Likewise, of the sum of h[i] x[i].
  void measure_sum(const float* h, float variance, float* gain) {
    float with_sum[Size];
    for (size_t i = 0; i < Size; ++i) {
      with_sum[i] = 0;
      for (size_t j = 0; j < Size; ++j) with_sum[i] += at(i, j) * h[j];
    }
    float total = variance;
    for (size_t i = 0; i < Size; ++i) total += h[i] * with_sum[i];
    const float scale = 1 / total;
    for (size_t i = 0; i < Size; ++i) gain[i] = with_sum[i] * scale;
    subtract(gain, with_sum);
  }

 private:
  void subtract(const float* gain, const float* with_measured) {
    float* value = lower;
    for (size_t row = 0; row < Size; ++row) {
      for (size_t column = 0; column <= row; ++column)
        *value++ -= gain[row] * with_measured[column];
      // Rounding must not make a variance negative.
      if (!(value[-1] > 0)) value[-1] = 0;
    }
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
