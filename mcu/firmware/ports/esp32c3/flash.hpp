#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// The flash beside an ESP32-C3, by its ROM's functions. It cannot be read meanwhile: what calls
/// them lies in RAM, and the cache waits. False: the ROM reports an error.
namespace esp32c3_flash {

constexpr uint32_t sector_bytes = 4096;

/// Call it once, first.
void open();

/// The sector at `offset` from the flash's start.
bool erase(uint32_t offset);

/// Whole words.
bool write(uint32_t offset, const uint8_t* bytes, uint32_t count);

}  // namespace esp32c3_flash
}  // namespace firmware
}  // namespace haltere
