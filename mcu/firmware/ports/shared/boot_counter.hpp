#pragma once

#include <stdint.h>

#include "mcu/link/messages.hpp"

namespace haltere {
namespace firmware {

/// Counts this start and returns how many there were since power-up. Call it once a start.
uint32_t count_boot();

/// Says why the reset comes that the program is about to cause.
void announce_reset(link::ResetReason reason);

/// What was announced before this start; `unknown` when nothing was. Tells it once.
link::ResetReason take_announced_reset();

}  // namespace firmware
}  // namespace haltere
