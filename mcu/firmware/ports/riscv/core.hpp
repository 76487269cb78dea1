#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// Access to the 32-bit register at `address`.
inline volatile uint32_t& reg(uint32_t address) {
  return *reinterpret_cast<volatile uint32_t*>(static_cast<uintptr_t>(address));
}

/// Each port's own: RISC-V has no way of its own.
[[noreturn]] void restart();

// RISC-V Privileged Architecture 1.12, 3.1.6.
constexpr uint32_t mstatus_mie = 1u << 3;

/// Interrupts wait while one of these lives.
class InterruptLock {
 public:
  InterruptLock() { __asm volatile("csrc mstatus, %0" ::"r"(mstatus_mie) : "memory"); }
  ~InterruptLock() { __asm volatile("csrs mstatus, %0" ::"r"(mstatus_mie) : "memory"); }
  InterruptLock(const InterruptLock&) = delete;
  InterruptLock& operator=(const InterruptLock&) = delete;
};

/// Sleeps until an interrupt is pending, also while interrupts are locked (3.3.3).
inline void sleep_until_interrupt() { __asm volatile("wfi" ::: "memory"); }

}  // namespace firmware
}  // namespace haltere
