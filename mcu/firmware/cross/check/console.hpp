#pragma once

#include <stdint.h>

// Where the check prints: the UART of the emulated machine, which needs no baud rate there.
namespace haltere {
namespace check {

inline void put(char c) {
#if defined(__AVR__)
  auto* const status = reinterpret_cast<volatile uint8_t*>(0xC0);  // UCSR0A: bit 5 is UDRE0
  reinterpret_cast<volatile uint8_t*>(0xC1)[0] = 1U << 3;          // UCSR0B: TXEN0
  while ((*status & 1U << 5) == 0) {
  }
  *reinterpret_cast<volatile uint8_t*>(0xC6) = static_cast<uint8_t>(c);  // UDR0
#elif defined(__riscv)
  *reinterpret_cast<volatile uint8_t*>(0x10000000) = static_cast<uint8_t>(c);
#else
  auto* const uart = reinterpret_cast<volatile uint32_t*>(0x40004000);  // data, state, control
  uart[4] = 217;                                                        // BAUDDIV
  uart[2] = 1;                                                          // transmit
  while ((uart[1] & 1U) != 0) {
  }
  uart[0] = static_cast<uint8_t>(c);
#endif
}

inline void put(const char* text) {
  while (*text != '\0') put(*text++);
}

inline void put(uint32_t number) {
  if (number >= 10) put(number / 10);
  put(static_cast<char>('0' + static_cast<char>(number % 10)));
}

}  // namespace check
}  // namespace haltere
