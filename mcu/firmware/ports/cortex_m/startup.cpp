// Reset and exceptions of a Cortex-M: sections by `sections.ld`, interrupts by the port's table.
#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"
#include "mcu/firmware/ports/shared/boot_counter.hpp"

extern "C" {
extern uint32_t data_load, data_start, data_end, bss_start, bss_end;
int main();
void reset_handler();
void fault_handler();
}

namespace haltere {
namespace firmware {
namespace {

void enable_floating_point() {
#if defined(__ARM_FP)
  constexpr uint32_t full_access_cp10_cp11 = 0xFu << 20;
  reg(cpacr) = reg(cpacr) | full_access_cp10_cp11;
  __asm volatile("dsb\nisb" ::: "memory");
#endif
}

/// Whether a watchdog's warning is being served: it comes as the interrupt that cannot be locked.
bool in_nmi() {
  uint32_t number = 0;
  __asm volatile("mrs %0, ipsr" : "=r"(number));
  constexpr uint32_t nmi = 2;
  return number == nmi;
}

}  // namespace
}  // namespace firmware
}  // namespace haltere

// The linker's symbols bound arrays; only their addresses mean anything.
extern "C" void reset_handler() {
  haltere::firmware::enable_floating_point();
  const uint32_t* from = &data_load;
  for (volatile uint32_t* to = &data_start; to < &data_end;) *to++ = *from++;
  for (volatile uint32_t* to = &bss_start; to < &bss_end;) *to++ = 0;
  main();
  haltere::firmware::restart();
}

// Nothing sensible is left to do: start again. The runtime falls back when a model was the cause.
extern "C" void fault_handler() {
  using haltere::link::ResetReason;
  haltere::firmware::announce_reset(haltere::firmware::in_nmi() ? ResetReason::watchdog
                                                                : ResetReason::fault);
  haltere::firmware::restart();
}
