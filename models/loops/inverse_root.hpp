#pragma once

#include "models/loops/vector.hpp"

#if defined(__SSE__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace haltere::models::HALTERE_LOOPS {

/// First guess of 1 / sqrt(x), x > 0, to 8 bits or more.
inline Vector guess_inverse_root(Vector x) {
#if HALTERE_LANES == 16 && defined(__AVX512F__)
  return __builtin_bit_cast(Vector, _mm512_maskz_rsqrt14_ps(0xffff, __builtin_bit_cast(__m512, x)));
#elif HALTERE_LANES == 8 && defined(__AVX__)
  return __builtin_bit_cast(Vector, _mm256_rsqrt_ps(__builtin_bit_cast(__m256, x)));
#elif HALTERE_LANES == 4 && defined(__SSE__)
  return __builtin_bit_cast(Vector, _mm_rsqrt_ps(__builtin_bit_cast(__m128, x)));
#elif HALTERE_LANES == 4 && defined(__aarch64__)
  const auto guess = vrsqrteq_f32(__builtin_bit_cast(float32x4_t, x));
  const auto step = vrsqrtsq_f32(__builtin_bit_cast(float32x4_t, x) * guess, guess);
  return __builtin_bit_cast(Vector, guess * step);
#else
  Vector guess;
  for (std::size_t l = 0; l < lanes; ++l) guess[l] = 1.0F / __builtin_sqrtf(x[l]);
  return guess;
#endif
}

/// 1 / sqrt(x) within 1e-6 of it, for normal x > 0: a guess and a step of Newton's.
inline Vector inverse_root(Vector x) {
  const Vector guess = guess_inverse_root(x);
  return guess * (1.5F - ((0.5F * x) * guess) * guess);
}

}  // namespace haltere::models::HALTERE_LOOPS
