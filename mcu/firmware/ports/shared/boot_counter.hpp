#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// Counts this start and returns how many there were since power-up. Call it once a start.
uint32_t count_boot();

}  // namespace firmware
}  // namespace haltere
