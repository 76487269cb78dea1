// What a microcontroller needs to check and open what is sealed, to be measured.
#include <stdint.h>

#include "mcu/link/ascon.hpp"

extern "C" int entry(const uint8_t* key, uint8_t* message, unsigned count);

extern "C" int entry(const uint8_t* key, uint8_t* message, unsigned count) {
  using haltere::link::Ascon;
  using haltere::link::ascon_tag_bytes;
  uint8_t tag[ascon_tag_bytes];
  Ascon ascon;
  ascon.begin(key, message);
  ascon.absorb(message, count);
  ascon.end_data();
  ascon.encrypt(message, count);
  ascon.decrypt(message, count);
  ascon.tag(key, tag);
  return haltere::link::equal_in_constant_time(tag, message, sizeof tag) ? 1 : 0;
}
