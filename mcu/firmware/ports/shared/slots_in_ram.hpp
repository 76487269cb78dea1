#pragma once

#include <stdint.h>
#include <string.h>

namespace haltere {
namespace firmware {

/// Memory for slots where an emulator has no flash, with flash's manners: lost with the power.
struct SlotsInRam {
  static bool erase(uint8_t* page, uint32_t page_bytes) {
    memset(page, 0xFF, page_bytes);
    return true;
  }
  static bool write(uint8_t* place, const uint8_t* bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) place[i] = static_cast<uint8_t>(place[i] & bytes[i]);
    return true;
  }
};

}  // namespace firmware
}  // namespace haltere
