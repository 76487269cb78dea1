#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// The Pico's serial flash by the boot ROM's functions (RP2040 datasheet 2.8.3.1.3). It cannot be
/// read meanwhile: interrupts wait.
namespace rp2040_flash {

constexpr uint32_t sector_bytes = 4096;

/// Call it once, first.
void open();

/// The sector at `offset` from the flash's start.
void erase(uint32_t offset);

/// Any bytes; those around them are programmed with ones, which changes nothing.
void write(uint32_t offset, const uint8_t* bytes, uint32_t count);

}  // namespace rp2040_flash
}  // namespace firmware
}  // namespace haltere
