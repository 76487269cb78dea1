#pragma once

#include <cstddef>
#include <cstdint>

namespace haltere {
namespace link {

/// CRC-32/ISO-HDLC, as zlib's crc32. Start with 0; feed the result back in to go on.
std::uint32_t crc32_iso_hdlc(std::uint32_t crc, const std::uint8_t* bytes, std::size_t count);

constexpr std::uint64_t fnv1a_start = 0xCBF29CE484222325u;

/// FNV-1a, 64 bits: the hash that names a bundle. Start with `fnv1a_start`; feed the result back
/// in.
std::uint64_t fnv1a_64(std::uint64_t hash, const std::uint8_t* bytes, std::size_t count);

}  // namespace link
}  // namespace haltere
