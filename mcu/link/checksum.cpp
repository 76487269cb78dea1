#include "mcu/link/checksum.hpp"

#include "mcu/link/bytes.hpp"

namespace haltere {
namespace link {
namespace {

// crc32 of each nibble, reflected polynomial 0xEDB88320: 64 bytes instead of 1 KiB of table.
constexpr uint32_t crc_of_nibble[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

}  // namespace

uint32_t crc32_iso_hdlc(uint32_t crc, const uint8_t* bytes, size_t count) {
  crc = ~crc;
  for (size_t i = 0; i < count; ++i) {
    crc ^= load_u8(bytes + i);
    crc = (crc >> 4) ^ crc_of_nibble[crc & 15];
    crc = (crc >> 4) ^ crc_of_nibble[crc & 15];
  }
  return ~crc;
}

uint64_t fnv1a_64(uint64_t hash, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    hash ^= load_u8(bytes + i);
    hash *= 0x100000001B3u;
  }
  return hash;
}

}  // namespace link
}  // namespace haltere
