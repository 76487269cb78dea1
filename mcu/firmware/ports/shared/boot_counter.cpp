#include "mcu/firmware/ports/shared/boot_counter.hpp"

namespace haltere {
namespace firmware {
namespace {

/// Lies in RAM that a reset leaves alone; after power-up it holds noise, so the count starts anew.
struct BootCounter {
  uint32_t magic;
  uint32_t boots;
  uint32_t check;      ///< ~boots
  uint32_t announced;  ///< marked ^ a link::ResetReason
};

// Volatile: nobody reads what is announced before the reset.
__attribute__((section(".noinit"))) volatile BootCounter counter;

constexpr uint32_t marked = 0x5A11AB00;
constexpr uint32_t reasons = 6;

}  // namespace

uint32_t count_boot() {
  constexpr uint32_t known = 0x424F4F54;  // "BOOT"
  if (counter.magic != known || counter.check != ~counter.boots) counter.boots = 0;
  counter.magic = known;
  counter.boots = counter.boots + 1;
  counter.check = ~counter.boots;
  return counter.boots;
}

void announce_reset(link::ResetReason reason) {
  counter.announced = marked ^ static_cast<uint32_t>(reason);
}

link::ResetReason take_announced_reset() {
  const uint32_t reason = counter.announced ^ marked;
  counter.announced = 0;
  return reason < reasons ? static_cast<link::ResetReason>(reason) : link::ResetReason::unknown;
}

}  // namespace firmware
}  // namespace haltere
