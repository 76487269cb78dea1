#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// Lies in RAM that a reset leaves alone; after power-up it holds noise, so the count starts anew.
struct BootCounter {
  uint32_t magic;
  uint32_t boots;
  uint32_t check;  ///< ~boots

  uint32_t count() {
    constexpr uint32_t known = 0x424F4F54;  // "BOOT"
    if (magic != known || check != ~boots) boots = 0;
    magic = known;
    ++boots;
    check = ~boots;
    return boots;
  }
};

}  // namespace firmware
}  // namespace haltere
