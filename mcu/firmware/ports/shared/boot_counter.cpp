#include "mcu/firmware/ports/shared/boot_counter.hpp"

namespace haltere {
namespace firmware {
namespace {

/// Lies in RAM that a reset leaves alone; after power-up it holds noise, so the count starts anew.
struct BootCounter {
  uint32_t magic;
  uint32_t boots;
  uint32_t check;  ///< ~boots
};

__attribute__((section(".noinit"))) BootCounter counter;

}  // namespace

uint32_t count_boot() {
  constexpr uint32_t known = 0x424F4F54;  // "BOOT"
  if (counter.magic != known || counter.check != ~counter.boots) counter.boots = 0;
  counter.magic = known;
  ++counter.boots;
  counter.check = ~counter.boots;
  return counter.boots;
}

}  // namespace firmware
}  // namespace haltere
