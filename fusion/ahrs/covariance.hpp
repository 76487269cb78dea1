#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// Covariance of `Size` states, as standard deviations and correlations, and what Kalman filters
/// here do to it. Correlations are in steps of 1/32767, each rounded to the nearest, which takes a
/// little over half the room of floats and loses nothing that shows: they are all between -1 and 1,
/// and what rounding adds to them is far below what the process noise takes off. Plain state.
template <size_t Size>
struct Covariance {
  float sigma[Size];
  int16_t correlation[Size * (Size - 1) / 2];  ///< the lower half: [row][column < row]

  float at(size_t row, size_t column) const {
    return row == column ? sigma[row] * sigma[row]
                         : correlated(row, column) * sigma[row] * sigma[column];
  }

  /// Sets all to zero.
  void clear() {
    for (float& value : sigma) value = 0;
    for (int16_t& value : correlation) value = 0;
  }

  /// Makes `state` independent of the others, with this standard deviation.
  void reset(size_t state, float new_sigma) {
    for (size_t i = 0; i < Size; ++i) {
      if (i != state) correlation[index(state, i)] = 0;
    }
    sigma[state] = new_sigma;
  }

  /// Adds noise of its own to `state`.
  void widen(size_t state, float variance) {
    const float before = sigma[state];
    sigma[state] = kernels::square_root_f32(before * before + variance);
    const float share = ratio(before, sigma[state]);
    float with[Size];
    for (float& value : with) value = 0;
    add_correlations(state, share, with);
    store(state, with);
  }

  /// x[to] += sum of factor[j] x[from + j], j < count; `to` is none of these.
  void add(size_t to, size_t from, const float* factor, size_t count) {
    float with[Size];  // the sum's covariance with each state, in its sigmas
    for (float& value : with) value = 0;
    for (size_t j = 0; j < count; ++j) {
      add_correlations(from + j, factor[j] * sigma[from + j], with);
    }
    float own = sigma[to] * (sigma[to] + 2 * with[to]);
    for (size_t j = 0; j < count; ++j) own += factor[j] * sigma[from + j] * with[from + j];
    add_correlations(to, sigma[to], with);
    sigma[to] = kernels::square_root_f32(larger(own, 0));
    const float scale = ratio(1, sigma[to]);
    for (float& value : with) value *= scale;
    store(to, with);
  }

  /// Takes a measurement of the sum of h[i] x[i] with this variance, more than zero: what it tells
  /// of every state is `gain`[Size] times the innovation.
  void measure_sum(const float* h, float variance, float* gain) {
    float with[Size];
    for (float& value : with) value = 0;
    for (size_t j = 0; j < Size; ++j) {
      if (h[j] != 0) add_correlations(j, h[j] * sigma[j], with);
    }
    float explained = 0;
    for (size_t i = 0; i < Size; ++i) explained += h[i] * sigma[i] * with[i];
    condition(with, larger(explained, 0) + variance, gain);
  }

  /// Likewise, of one state.
  void measure(size_t state, float variance, float* gain) {
    float with[Size];
    for (float& value : with) value = 0;
    add_correlations(state, sigma[state], with);
    condition(with, sigma[state] * sigma[state] + variance, gain);
  }

  /// Of the sum of h[i] x[i].
  float variance_of(const float* h) const {
    float sum = 0;
    for (size_t i = 0; i < Size; ++i) {
      for (size_t j = 0; j < Size; ++j) sum += h[i] * h[j] * at(i, j);
    }
    return sum;
  }

 private:
  static constexpr float one = 32767.0F;

  static constexpr size_t index(size_t a, size_t b) {
    return a > b ? a * (a - 1) / 2 + b : b * (b - 1) / 2 + a;
  }
  static float ratio(float a, float b) { return b > 0 ? a / b : 0; }

  float correlated(size_t a, size_t b) const {
    return a == b ? 1.0F : (1 / one) * static_cast<float>(correlation[index(a, b)]);
  }

  // sum[Size] += factor times the correlations of `state`.
  void add_correlations(size_t state, float factor, float* sum) const {
    const float step = factor / one;
    const int16_t* row = correlation + index(state, 0);
    for (size_t i = 0; i < state; ++i) sum[i] += step * static_cast<float>(row[i]);
    sum[state] += factor;
    for (size_t i = state + 1; i < Size; ++i) {
      sum[i] += step * static_cast<float>(correlation[index(i, state)]);
    }
  }

  // Makes `with`[Size] the correlations of `state`; that with itself is passed over.
  void store(size_t state, const float* with) {
    int16_t* row = correlation + index(state, 0);
    for (size_t i = 0; i < state; ++i) row[i] = rounded(one * with[i]);
    for (size_t i = state + 1; i < Size; ++i) {
      correlation[index(i, state)] = rounded(one * with[i]);
    }
  }

  // The covariance given a measurement whose own, with each state in its sigmas, is `with`; of the
  // innovation `total`.
  void condition(float* with, float total, float* gain) {
    const float scale = ratio(1, total);
    const float root = kernels::square_root_f32(scale);
    float shrunk[Size];
    for (size_t i = 0; i < Size; ++i) {
      gain[i] = scale * sigma[i] * with[i];
      with[i] *= root;
      // Rounding must not make a variance negative.
      shrunk[i] = kernels::square_root_f32(larger(1 - with[i] * with[i], 1e-6F));
      sigma[i] *= shrunk[i];
      shrunk[i] = 1 / shrunk[i];
    }
    int16_t* value = correlation;
    for (size_t row = 1; row < Size; ++row) {
      const float scaled = one * shrunk[row];
      for (size_t column = 0; column < row; ++column, ++value) {
        const float left = (1 / one) * static_cast<float>(*value) - with[row] * with[column];
        *value = rounded(left * (scaled * shrunk[column]));
      }
    }
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
