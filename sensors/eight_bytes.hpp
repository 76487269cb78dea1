#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace haltere::sensors {

// Text, eight bytes at a time: the first in a word's lowest byte, on every machine. What is found
// is the top bit of its byte (Warren, "Hacker's Delight", 2nd ed., 6-1).

inline constexpr std::uint64_t in_eight_bytes = 0x0101010101010101U;  ///< times a byte
inline constexpr std::uint64_t all_low_bits = 0x7F * in_eight_bytes;

inline std::uint64_t load_eight(const char* text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

/// Where `word` has the byte `c`.
inline std::uint64_t find_in_eight(std::uint64_t word, char c) {
  word ^= in_eight_bytes * static_cast<unsigned char>(c);
  return ~(((word & all_low_bits) + all_low_bits) | word | all_low_bits);
}

/// Index of the first byte that was found; 8: none was.
inline unsigned first_of_eight(std::uint64_t found) {
  return static_cast<unsigned>(std::countr_zero(found)) / 8;
}

}  // namespace haltere::sensors
