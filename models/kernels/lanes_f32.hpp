#pragma once

#include <stddef.h>
#include <stdint.h>

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {

// Channels side by side: the host computes the spectra of four at once, a microcontroller one
// after the other. A lane goes through the same operations either way, so the bits are the same.
#if defined(__SSE2__) || defined(__aarch64__)
constexpr size_t lanes = 4;
using Lanes __attribute__((vector_size(16))) = float;
using LaneBits __attribute__((vector_size(16))) = uint32_t;
using LaneNumbers __attribute__((vector_size(16))) = int32_t;

inline LaneBits bits_of(Lanes value) {
  LaneBits bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline Lanes lanes_of(LaneBits bits) {
  Lanes value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}
/// bits >> shift, with its sign, as a number.
inline Lanes shifted_number(LaneBits bits, int shift) {
  LaneNumbers numbers;
  __builtin_memcpy(&numbers, &bits, sizeof numbers);
  return __builtin_convertvector(numbers >> shift, Lanes);
}
inline Lanes all_lanes(float value) { return Lanes{value, value, value, value}; }
/// a > b ? yes : no, in each lane.
inline Lanes if_above(Lanes a, Lanes b, Lanes yes, Lanes no) { return a > b ? yes : no; }

/// values [lanes] and back.
inline Lanes load_lanes(const float* values) {
  Lanes loaded;
  __builtin_memcpy(&loaded, values, sizeof loaded);
  return loaded;
}
inline void store_lanes(float* values, Lanes stored) {
  __builtin_memcpy(values, &stored, sizeof stored);
}

#else
constexpr size_t lanes = 1;
using Lanes = float;
using LaneBits = uint32_t;

inline Lanes lanes_of(LaneBits bits) { return float_of(bits); }
inline Lanes shifted_number(LaneBits bits, int shift) {
  return static_cast<float>(static_cast<int32_t>(bits) >> shift);
}
inline Lanes all_lanes(float value) { return value; }
inline Lanes if_above(Lanes a, Lanes b, Lanes yes, Lanes no) { return a > b ? yes : no; }

// Not by memcpy: cores that load whole words only would take them byte by byte.
inline Lanes load_lanes(const float* values) { return *values; }
inline void store_lanes(float* values, Lanes stored) { *values = stored; }
#endif

}  // namespace kernels
}  // namespace haltere
