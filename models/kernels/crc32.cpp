#include "models/kernels/crc32.hpp"

#include "models/kernels/bytes.hpp"

namespace haltere {
namespace kernels {

uint32_t crc32(const uint8_t* bytes, size_t size, uint32_t start) {
  // Reflected polynomial 0xEDB88320, four bits at a time: 64 bytes of table instead of 1 KiB.
  static const uint32_t nibbles[16] = {0x00000000U, 0x1db71064U, 0x3b6e20c8U, 0x26d930acU,
                                       0x76dc4190U, 0x6b6b51f4U, 0x4db26158U, 0x5005713cU,
                                       0xedb88320U, 0xf00f9344U, 0xd6d6a3e8U, 0xcb61b38cU,
                                       0x9b64c2b0U, 0x86d3d2d4U, 0xa00ae278U, 0xbdbdf21cU};
  uint32_t crc = ~start;
  for (size_t i = 0; i < size; ++i) {
    crc ^= load_u8(bytes + i);
    crc = (crc >> 4) ^ nibbles[crc & 15U];
    crc = (crc >> 4) ^ nibbles[crc & 15U];
  }
  return ~crc;
}

uint64_t fnv1a_64(const uint8_t* bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325U;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ load_u8(bytes + i)) * 0x100000001b3U;
  return hash;
}

}  // namespace kernels
}  // namespace haltere
