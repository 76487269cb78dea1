#pragma once

#include "models/loops/vector.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// e^x within 2 ulp for x in ±80, clamped outside so that neither it nor its inverse is a denormal;
/// NaN stays NaN. Cephes' polynomial, and no library call, so that every machine gives the same
/// bits.
inline float exponential(float x) {
  constexpr float round_magic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  x = x < -80.0F ? -80.0F : x;
  x = x > 80.0F ? 80.0F : x;
  const float shifted = x * 1.44269504F + round_magic;
  const float n = shifted - round_magic;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  const std::uint32_t bits = (__builtin_bit_cast(std::uint32_t, shifted) + 127U) << 23U;
  return p * __builtin_bit_cast(float, bits);
}

/// Odd polynomial below 0.625 (Cephes), through the exponential above.
inline float hyperbolic_tangent(float x) {
  const float magnitude = x < 0.0F ? -x : x;
  const float square = x * x;
  float p = -5.70498872745e-3F;
  p = p * square + 2.06390887954e-2F;
  p = p * square - 5.37397155531e-2F;
  p = p * square + 1.33314422036e-1F;
  p = p * square - 3.33332819422e-1F;
  const float small = p * square * x + x;
  const float large = 1.0F - 2.0F / (exponential(2.0F * magnitude) + 1.0F);
  const float signed_large = x < 0.0F ? -large : large;
  return magnitude < 0.625F ? small : signed_large;
}

inline float logistic(float x) { return 1.0F / (1.0F + exponential(-x)); }

/// `function` of each value; the last ones in a padded vector, for scalar steps are slow.
template <typename Function>
inline void apply(float* values, std::size_t count, Function function) {
  const std::size_t whole = count - count % lanes;
  for (std::size_t i = 0; i < whole; ++i) values[i] = function(values[i]);
  if (whole == count) return;
  float last[lanes] = {};
  for (std::size_t i = whole; i < count; ++i) last[i - whole] = values[i];
  for (float& value : last) value = function(value);
  for (std::size_t i = whole; i < count; ++i) values[i] = last[i - whole];
}

inline void relu(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < 0.0F ? 0.0F : values[i];
}

inline void tanh(float* values, std::size_t count) {
  apply(values, count, [](float x) { return hyperbolic_tangent(x); });
}

inline void sigmoid(float* values, std::size_t count) {
  apply(values, count, [](float x) { return logistic(x); });
}

inline float highest_of(const float* row, std::size_t count) {
  float highest = row[0];
  for (std::size_t i = 1; i < count; ++i) highest = row[i] > highest ? row[i] : highest;
  return highest;
}

inline float sum_of(const float* row, std::size_t count) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < count; ++i) sum += row[i];
  return sum;
}

inline void softmax(float* values, std::size_t rows, std::size_t count) {
  for (float* row = values; row != values + rows * count; row += count) {
    const float highest = highest_of(row, count);
    for (std::size_t i = 0; i < count; ++i) row[i] -= highest;
  }
  apply(values, rows * count, [](float x) { return exponential(x); });
  for (float* row = values; row != values + rows * count; row += count) {
    const float scale = 1.0F / sum_of(row, count);
    for (std::size_t i = 0; i < count; ++i) row[i] = flush(row[i] * scale);
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
