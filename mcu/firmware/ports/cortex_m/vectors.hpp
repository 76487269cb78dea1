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

/// The vector table up to the interrupts that our ports use.
struct Vectors {
  uint32_t* stack;
  Handler exceptions[15];
  Handler interrupts[8];
};

/// A table whose only used interrupt is `number`.
constexpr Vectors vectors_with(uint32_t number, Handler handler) {
  Vectors vectors{};
  vectors.stack = &stack_top;
  vectors.exceptions[0] = reset_handler;
  for (int i = 1; i < 15; ++i) vectors.exceptions[i] = fault_handler;
  for (Handler& interrupt : vectors.interrupts) interrupt = fault_handler;
  vectors.interrupts[number] = handler;
  return vectors;
}

}  // namespace firmware
}  // namespace haltere
