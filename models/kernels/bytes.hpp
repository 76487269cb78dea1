#pragma once

#include <stddef.h>
#include <stdint.h>

#include "models/kernels/flash_window_avr.h"

#if defined(HALTERE_FLASH_WINDOW)
extern "C" {
uint8_t haltere_load_u8(const uint8_t* bytes);
uint16_t haltere_load_u16(const uint8_t* bytes);
uint32_t haltere_load_u32(const uint8_t* bytes);
}
#endif

namespace haltere {
namespace kernels {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "bundles are read in place: little-endian cores only");
static_assert(sizeof(float) == 4, "float must be IEEE 754 binary32");

/// `size` rounded up to the next multiple of 4.
constexpr uint32_t padded_to_4(uint32_t size) { return (size + 3U) & ~uint32_t{3}; }

// All of a bundle is read by these: flash is not always where pointers point.
#if defined(HALTERE_FLASH_WINDOW)
inline uint8_t load_u8(const uint8_t* bytes) { return haltere_load_u8(bytes); }
inline uint16_t load_u16(const uint8_t* bytes) { return haltere_load_u16(bytes); }
inline uint32_t load_u32(const uint8_t* bytes) { return haltere_load_u32(bytes); }
#else
inline uint8_t load_u8(const uint8_t* bytes) { return *bytes; }
/// Little-endian values at `bytes`, which must be aligned to their size: one load on every core.
inline uint16_t load_u16(const uint8_t* bytes) {
  uint16_t value;
  __builtin_memcpy(&value, __builtin_assume_aligned(bytes, 2), 2);
  return value;
}
inline uint32_t load_u32(const uint8_t* bytes) {
  uint32_t value;
  __builtin_memcpy(&value, __builtin_assume_aligned(bytes, 4), 4);
  return value;
}
#endif
inline int32_t load_i32(const uint8_t* bytes) { return static_cast<int32_t>(load_u32(bytes)); }
inline int8_t load_i8(const uint8_t* bytes) { return static_cast<int8_t>(load_u8(bytes)); }
inline int8_t load_i8(const int8_t* bytes) {
  return load_i8(reinterpret_cast<const uint8_t*>(bytes));
}

/// Whether all of bytes [size] are zero.
bool all_zero(const uint8_t* bytes, size_t size);

/// The bits of `value`, and back.
inline uint32_t bits_of(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, 4);
  return bits;
}
inline float float_of(uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, 4);
  return value;
}
inline float load_f32(const uint8_t* bytes) { return float_of(load_u32(bytes)); }

/// Neither infinite nor NaN.
inline bool is_finite(float value) { return (bits_of(value) & 0x7f800000U) != 0x7f800000U; }

}  // namespace kernels
}  // namespace haltere
