#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace link {

/// CRC-32/ISO-HDLC, as zlib's crc32. Start with 0; feed the result back in to go on.
uint32_t crc32_iso_hdlc(uint32_t crc, const uint8_t* bytes, size_t count);

constexpr uint64_t fnv1a_start = 0xCBF29CE484222325u;

/// FNV-1a, 64 bits: the hash that names a bundle. Start with `fnv1a_start`; feed the result back
/// in.
uint64_t fnv1a_64(uint64_t hash, const uint8_t* bytes, size_t count);

}  // namespace link
}  // namespace haltere
