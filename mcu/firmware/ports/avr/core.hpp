#pragma once

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/wdt.h>

namespace haltere {
namespace firmware {

/// By the watchdog, the only reset that a program can ask for.
[[noreturn]] inline void restart() {
  cli();
  wdt_enable(WDTO_15MS);
  for (;;) {
  }
}

/// Interrupts wait while one of these lives.
class InterruptLock {
 public:
  InterruptLock() { cli(); }
  ~InterruptLock() { sei(); }
  InterruptLock(const InterruptLock&) = delete;
  InterruptLock& operator=(const InterruptLock&) = delete;
};

/// Sleeps until an interrupt was served; call it while interrupts are locked. The instruction
/// behind sei runs before any interrupt does, so none is missed.
inline void sleep_until_interrupt() { __asm volatile("sei\n\tsleep\n\tcli" ::: "memory"); }

}  // namespace firmware
}  // namespace haltere
