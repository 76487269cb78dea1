#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// Access to the 32-bit register at `address`.
inline volatile uint32_t& reg(uint32_t address) {
  return *reinterpret_cast<volatile uint32_t*>(static_cast<uintptr_t>(address));
}

// ARMv6-M / ARMv7-M Architecture Reference Manual, system control space.
constexpr uint32_t nvic_set_enable = 0xE000E100;
constexpr uint32_t vtor = 0xE000ED08;  // not of the Cortex-M0
constexpr uint32_t aircr = 0xE000ED0C;
constexpr uint32_t cpacr = 0xE000ED88;

inline void enable_interrupt(uint32_t number) {
  reg(nvic_set_enable + 4 * (number / 32)) = 1u << number % 32;
}

[[noreturn]] inline void restart() {
  constexpr uint32_t key_and_sysresetreq = 0x05FA0004;
  __asm volatile("dsb" ::: "memory");
  reg(aircr) = key_and_sysresetreq;
  for (;;) {
  }
}

/// Interrupts wait while one of these lives.
class InterruptLock {
 public:
  InterruptLock() { __asm volatile("cpsid i" ::: "memory"); }
  ~InterruptLock() { __asm volatile("cpsie i" ::: "memory"); }
  InterruptLock(const InterruptLock&) = delete;
  InterruptLock& operator=(const InterruptLock&) = delete;
};

/// Sleeps until an interrupt is pending, also while interrupts are locked.
inline void sleep_until_interrupt() { __asm volatile("dsb\nwfi" ::: "memory"); }

}  // namespace firmware
}  // namespace haltere
