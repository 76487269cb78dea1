#pragma once

namespace haltere {
namespace fusion {
namespace ahrs {

/// Covariance of `Size` states and the two things that Kalman filters here do to it. Only the lower
/// half is kept, so that rounding cannot make it lopsided. Plain state.
template <unsigned Size>
struct Covariance {
  static constexpr int N = static_cast<int>(Size);

  float lower[Size * (Size + 1) / 2];

  static constexpr int index(int row, int column) {
    return row >= column ? row * (row + 1) / 2 + column : column * (column + 1) / 2 + row;
  }
  float at(int row, int column) const { return lower[index(row, column)]; }
  float& at(int row, int column) { return lower[index(row, column)]; }

  /// Sets all to zero.
  void clear() {
    for (float& value : lower) value = 0;
  }

  /// Makes `state` independent of the others, with this variance.
  void reset(int state, float variance) {
    for (int i = 0; i < N; ++i) at(state, i) = 0;
    at(state, state) = variance;
  }

  /// x[to] += factor x[from], `to` != `from`.
  void add(int to, int from, float factor) {
    const float own = at(to, to) + 2 * factor * at(to, from) + factor * factor * at(from, from);
    for (int i = 0; i < N; ++i) at(to, i) += factor * at(from, i);
    at(to, to) = own;
  }

  /// Takes a measurement of one state with this variance: what it tells of every state is
  /// `gain`[Size] times the innovation.
  void measure(int state, float variance, float* gain) {
    const float scale = 1 / (at(state, state) + variance);
    float with_state[Size];
    for (int i = 0; i < N; ++i) with_state[i] = at(i, state);
    for (int i = 0; i < N; ++i) gain[i] = with_state[i] * scale;
    subtract(gain, with_state);
  }

  /// Likewise, of the sum of h[i] x[i].
  void measure_sum(const float* h, float variance, float* gain) {
    float with_sum[Size];
    for (int i = 0; i < N; ++i) {
      with_sum[i] = 0;
      for (int j = 0; j < N; ++j) with_sum[i] += at(i, j) * h[j];
    }
    float total = variance;
    for (int i = 0; i < N; ++i) total += h[i] * with_sum[i];
    const float scale = 1 / total;
    for (int i = 0; i < N; ++i) gain[i] = with_sum[i] * scale;
    subtract(gain, with_sum);
  }

 private:
  void subtract(const float* gain, const float* with_measured) {
    float* value = lower;
    for (int row = 0; row < N; ++row) {
      for (int column = 0; column <= row; ++column) *value++ -= gain[row] * with_measured[column];
      // Rounding must not make a variance negative.
      if (!(value[-1] > 0)) value[-1] = 0;
    }
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
