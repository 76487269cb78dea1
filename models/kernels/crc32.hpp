#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace kernels {

/// CRC-32/ISO-HDLC (Ethernet, zip) of `bytes`; pass a former result as `start` to continue it.
uint32_t crc32(const uint8_t* bytes, size_t size, uint32_t start = 0);

/// 64-bit FNV-1a of `bytes`: tells models apart, protects nothing.
uint64_t fnv1a_64(const uint8_t* bytes, size_t size);

}  // namespace kernels
}  // namespace haltere
