#pragma once

// Vectors of HALTERE_LANES floats. The headers of this folder are compiled once per build of the
// loops, each in the namespace HALTERE_LOOPS, so that the linker can never put a function made for
// one CPU in the place of another's; they include nothing with inline functions that other files
// use too, for the same reason.
#include <cstddef>
#include <cstdint>

#include "models/float_loops.hpp"

namespace haltere::models::HALTERE_LOOPS {

constexpr std::size_t lanes = HALTERE_LANES;
static_assert(reduction_lanes % lanes == 0 && lanes >= 4);

/// True in the builds that may contract a product and a sum, and sum in an order of their own.
constexpr bool fused = HALTERE_FUSED == 1;

#ifdef __aarch64__
constexpr std::size_t registers = 32;
#else
constexpr std::size_t registers = lanes == 16 ? 32 : 16;
#endif

/// Sums that a kernel keeps in registers beside its operands.
constexpr std::size_t accumulators = registers == 32 ? 24 : 12;

template <std::size_t count>
struct Pack {
  using Type __attribute__((vector_size(sizeof(float) * count))) = float;
};
using Vector = Pack<lanes>::Type;
using Quad = Pack<4>::Type;

/// The bits of a vector of floats.
using Bits __attribute__((vector_size(sizeof(float) * lanes))) = std::uint32_t;

inline Vector filled(float value) { return Vector{} + value; }

template <typename Type = Vector>
inline Type load(const float* from) {
  Type value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

template <typename Type>
inline void store(float* to, Type value) {
  __builtin_memcpy(to, &value, sizeof value);
}

/// Sets each vector to 0 by itself: `= {}` of an array would keep the array in memory.
template <std::size_t count>
inline void clear(Vector* vectors) {
  for (std::size_t v = 0; v < count; ++v) vectors[v] = Vector{};
}

/// Below this magnitude a value that fades is taken for 0, so that it never becomes a denormal,
/// which some CPUs compute with a hundred times slower. NaN stays NaN.
constexpr float faded = 1e-30F;

inline float flush(float value) {
  const float magnitude = value < 0.0F ? -value : value;
  return magnitude < faded ? 0.0F : value;
}

inline Vector flush(Vector value) {
  const Vector zero = {};
  return ((value < zero + faded) & (value > zero - faded)) ? zero : value;
}

inline Vector relu_of(Vector value) {
  const Vector zero = {};
  return value < zero ? zero : value;
}

// ---- sums over lanes: always in halves, 16 to 8 to 4 to 2 to 1

inline Quad fold_to_quad(Pack<4>::Type value) { return value; }
inline Quad fold_to_quad(Pack<8>::Type value) {
  return __builtin_shufflevector(value, value, 0, 1, 2, 3) +
         __builtin_shufflevector(value, value, 4, 5, 6, 7);
}
inline Quad fold_to_quad(Pack<16>::Type value) {
  return fold_to_quad(__builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7) +
                      __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15));
}

/// `parts` vectors that make up one row of partial sums, folded to four.
template <std::size_t parts>
inline Quad fold_parts(const Vector* sums) {
  Vector folded[parts];
  for (std::size_t p = 0; p < parts; ++p) folded[p] = sums[p];
  for (std::size_t half = parts / 2; half > 0; half /= 2)
    for (std::size_t p = 0; p < half; ++p) folded[p] += folded[p + half];
  return fold_to_quad(folded[0]);
}

/// The four sums of four quads.
inline Quad fold_quads(Quad a, Quad b, Quad c, Quad d) {
  const Quad ab =
      __builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7);
  const Quad cd =
      __builtin_shufflevector(c, d, 0, 1, 4, 5) + __builtin_shufflevector(c, d, 2, 3, 6, 7);
  return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}

inline float fold_quad(Quad value) { return (value[0] + value[2]) + (value[1] + value[3]); }

}  // namespace haltere::models::HALTERE_LOOPS
