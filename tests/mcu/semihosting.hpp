#pragma once

// Files and the end of a program by Arm semihosting (IHI 0074), SysTick as the clock (ARMv6-M and
// v7-M Architecture Reference Manual): for programs on an emulated Cortex-M.
#include <stdint.h>
#include <string.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"

namespace haltere {
namespace semihosting {

constexpr uint32_t systick_control = 0xE000E010;
constexpr uint32_t systick_reload = 0xE000E014;
constexpr uint32_t systick_value = 0xE000E018;
constexpr uint32_t systick_mask = 0xFFFFFF;

// noinline: the registers hold the arguments only at the very instruction.
__attribute__((noinline)) inline int semihost(uint32_t operation, const void* argument) {
  register uint32_t r0 __asm("r0") = operation;
  register const void* r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return static_cast<int>(r0);
}

inline uint32_t word(const void* pointer) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer));
}
inline uint32_t open_file(const char* name, bool to_write) {
  const uint32_t block[3] = {word(name), to_write ? 5U : 1U, static_cast<uint32_t>(strlen(name))};
  return static_cast<uint32_t>(semihost(0x01, block));
}
inline bool read_file(uint32_t file, void* to, uint32_t bytes) {
  const uint32_t block[3] = {file, word(to), bytes};
  return semihost(0x06, block) == 0;
}
inline void write_file(uint32_t file, const void* from, uint32_t bytes) {
  const uint32_t block[3] = {file, word(from), bytes};
  semihost(0x05, block);
}
[[noreturn]] inline void leave() {
  constexpr uint32_t stopped_application_exit = 0x20026;
  semihost(0x18, reinterpret_cast<const void*>(static_cast<uintptr_t>(stopped_application_exit)));
  for (;;) {
  }
}

inline uint32_t ticks() { return systick_mask - firmware::reg(systick_value); }
inline uint32_t since(uint32_t start) { return (ticks() - start) & systick_mask; }

/// On the processor's clock, without interrupts. They wrap after 2^24.
inline void start_ticks() {
  firmware::reg(systick_reload) = systick_mask;
  firmware::reg(systick_value) = 0;
  firmware::reg(systick_control) = 5;
}

}  // namespace semihosting
}  // namespace haltere
