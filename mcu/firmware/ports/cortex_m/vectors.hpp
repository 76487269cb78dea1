#pragma once

#include <stdint.h>

extern "C" {
extern uint32_t stack_top;
void reset_handler();
void fault_handler();
}

namespace haltere {
namespace firmware {

using Handler = void (*)();

/// The vector table up to the interrupts that a port uses.
template <uint32_t interrupt_count = 16>
struct Vectors {
  uint32_t* stack;
  Handler exceptions[15];
  Handler interrupts[interrupt_count];
};

/// An interrupt that a port uses, and who takes it.
struct Interrupt {
  uint32_t number;
  Handler handler;
};

/// A table whose only used interrupts are these.
template <uint32_t interrupt_count = 16>
constexpr Vectors<interrupt_count> vectors_with(Interrupt first, Interrupt second) {
  Vectors<interrupt_count> vectors{};
  vectors.stack = &stack_top;
  vectors.exceptions[0] = reset_handler;
  for (int i = 1; i < 15; ++i) vectors.exceptions[i] = fault_handler;
  for (Handler& interrupt : vectors.interrupts) interrupt = fault_handler;
  vectors.interrupts[first.number] = first.handler;
  vectors.interrupts[second.number] = second.handler;
  return vectors;
}
template <uint32_t interrupt_count = 16>
constexpr Vectors<interrupt_count> vectors_with(uint32_t number, Handler handler) {
  return vectors_with<interrupt_count>({number, handler}, {number, handler});
}

}  // namespace firmware
}  // namespace haltere
