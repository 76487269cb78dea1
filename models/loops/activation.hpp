#pragma once

#include "models/loops/partial.hpp"

namespace haltere::models::HALTERE_LOOPS {

/// e^x within 2 ulp for x in ±80, clamped outside so that neither it nor its inverse is a denormal;
/// NaN stays NaN. Cephes' polynomial, and no library call, so that every machine gives the same
/// bits.
inline Vector exponential(Vector x) {
  constexpr float round_magic = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  constexpr float limit = 80.0F;
  x = x < -limit ? filled(-limit) : x;
  x = x > limit ? filled(limit) : x;
  const Vector shifted = x * 1.44269504F + round_magic;
  const Vector n = shifted - round_magic;
  const Vector r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Vector p = filled(1.9875691500e-4F);
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  const Bits power = (__builtin_bit_cast(Bits, shifted) + 127U) << 23U;
  return p * __builtin_bit_cast(Vector, power);
}

/// Odd polynomial below 0.625 (Cephes), through the exponential above.
inline Vector hyperbolic_tangent(Vector x) {
  const Vector magnitude = x < 0.0F ? -x : x;
  const Vector square = x * x;
  Vector p = filled(-5.70498872745e-3F);
  p = p * square + 2.06390887954e-2F;
  p = p * square - 5.37397155531e-2F;
  p = p * square + 1.33314422036e-1F;
  p = p * square - 3.33332819422e-1F;
  const Vector small = p * square * x + x;
  const Vector large = 1.0F - 2.0F / (exponential(2.0F * magnitude) + 1.0F);
  const Vector signed_large = x < 0.0F ? -large : large;
  return magnitude < 0.625F ? small : signed_large;
}

inline Vector logistic(Vector x) { return 1.0F / (1.0F + exponential(-x)); }

/// `function` of each vector of values, the last one padded.
template <typename Function>
inline void apply(float* values, std::size_t count, Function function) {
  const std::size_t whole = count - count % lanes;
  for (std::size_t i = 0; i < whole; i += lanes) store(values + i, function(load(values + i)));
  const std::size_t left = count - whole;
  if (left > 0) store_first(values + whole, function(load_first(values + whole, left)), left);
}

inline void relu(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = values[i] < 0.0F ? 0.0F : values[i];
}

inline void leaky_relu(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    values[i] = values[i] < 0.0F ? leak * values[i] : values[i];
}

inline void tanh(float* values, std::size_t count) {
  apply(values, count, [](Vector x) { return hyperbolic_tangent(x); });
}

inline void sigmoid(float* values, std::size_t count) {
  apply(values, count, [](Vector x) { return logistic(x); });
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

/// A row that fits one vector.
inline void softmax_short(float* row, std::size_t count) {
  const Vector powers = exponential(load_first(row, count) - highest_of(row, count));
  float values[lanes];
  store(values, powers);
  store_first(row, flush(powers * (1.0F / sum_of(values, count))), count);
}

inline void softmax(float* values, std::size_t rows, std::size_t count) {
  for (float* row = values; row != values + rows * count; row += count) {
    if (count < lanes) {
      softmax_short(row, count);
      continue;
    }
    const float highest = highest_of(row, count);
    apply(row, count, [highest](Vector x) { return exponential(x - highest); });
    const float scale = 1.0F / sum_of(row, count);
    apply(row, count, [scale](Vector x) { return flush(x * scale); });
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
