#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/link/ascon.hpp"

namespace haltere {
namespace link {

constexpr size_t device_bytes = 12;

/// What a sealed bundle is bound to, besides all its bytes: the fields that `models/format.md`
/// keeps for a seal.
struct BundleSeal {
  uint16_t target = 0;  ///< link::Core of the microcontroller
  uint8_t device[device_bytes] = {};
  uint32_t counter = 0;  ///< rises with each model of a microcontroller
};

/// Seal kind of a bundle (at least 64 bytes): 0 none, 1 Ascon.
uint8_t bundle_seal_kind(const uint8_t* bundle);
BundleSeal read_bundle_seal(const uint8_t* bundle);

/// Writes `seal` and the tag under the microcontroller's `key` into a bundle of `size` bytes, at
/// least 68. Its own CRC, the last 4 bytes, is left to the caller.
void seal_bundle(const uint8_t* key, const BundleSeal& seal, uint8_t* bundle, size_t size);

/// Whether the tag of a bundle of `size` bytes is the one that `key` gives.
bool is_bundle_authentic(const uint8_t* key, const uint8_t* bundle, size_t size);

}  // namespace link
}  // namespace haltere
