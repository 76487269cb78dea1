#pragma once

#include "models/loops/vector.hpp"

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace haltere::models::HALTERE_LOOPS {

#if HALTERE_LANES == 8 && defined(__AVX__)

/// Ones for the first `count` <= lanes places: the end of eight, then zeros.
inline __m256i first_places(std::size_t count) {
  alignas(64) static constexpr std::int32_t places[2 * lanes] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(places + lanes - count));
}

#endif

/// The first `count` <= lanes floats, then zeros; touches nothing behind them. In one instruction
/// where there is one: a vector put together from scalars has to wait until they are stored.
inline Vector load_first(const float* from, std::size_t count) {
#if HALTERE_LANES == 16 && defined(__AVX512F__)
  return __builtin_bit_cast(
      Vector, _mm512_maskz_loadu_ps(static_cast<__mmask16>((1U << count) - 1U), from));
#elif HALTERE_LANES == 8 && defined(__AVX__)
  return __builtin_bit_cast(Vector, _mm256_maskload_ps(from, first_places(count)));
#else
  float values[lanes] = {};
  for (std::size_t i = 0; i < count; ++i) values[i] = from[i];
  return load(values);
#endif
}

/// Stores the first `count` < 4 floats.
inline void store_first_of(float* to, Quad value, std::size_t count) {
  if (count == 0) return;
  to[0] = value[0];
  if (count > 1) to[1] = value[1];
  if (count > 2) to[2] = value[2];
}

/// Stores the first `count` < 8 floats.
inline void store_first_of(float* to, Pack<8>::Type value, std::size_t count) {
  const Quad low = __builtin_shufflevector(value, value, 0, 1, 2, 3);
  if (count < 4) return store_first_of(to, low, count);
  store(to, low);
  store_first_of(to + 4, __builtin_shufflevector(value, value, 4, 5, 6, 7), count - 4);
}

/// Stores the first `count` < 16 floats.
inline void store_first_of(float* to, Pack<16>::Type value, std::size_t count) {
  const auto low = __builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7);
  if (count < 8) return store_first_of(to, low, count);
  store(to, low);
  store_first_of(to + 8, __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15),
                 count - 8);
}

/// Stores the first `count` < lanes floats of `value`; touches nothing behind them. Not with AVX's
/// masked store, which takes dozens of cycles on some CPUs.
inline void store_first(float* to, Vector value, std::size_t count) {
#if HALTERE_LANES == 16 && defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1U << count) - 1U),
                        __builtin_bit_cast(__m512, value));
#else
  store_first_of(to, value, count);
#endif
}

/// dy or the like in whole vectors, at most `vectors` of them, the last padded with zeros.
template <std::size_t vectors>
struct Padded {
  alignas(64) float values[vectors * lanes];

  Padded(const float* row, std::size_t count) {
    const std::size_t whole = count - count % lanes;
    for (std::size_t i = 0; i < whole; i += lanes) store(values + i, load(row + i));
    if (whole < count) store(values + whole, load_first(row + whole, count - whole));
  }
};

/// The last count % reduction_lanes values of a row, padded with zeros.
struct PaddedTail {
  alignas(64) float values[reduction_lanes];
};

inline void pad_tail(const float* row, std::size_t count, PaddedTail& tail) {
  const std::size_t left = count % reduction_lanes;
  const float* from = row + count - left;
  for (std::size_t at = 0; at < reduction_lanes; at += lanes) {
    const std::size_t here = left > at ? left - at : 0;
    store(tail.values + at, load_first(from + at, here < lanes ? here : lanes));
  }
}

}  // namespace haltere::models::HALTERE_LOOPS
