#pragma once

#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"
#include "mcu/link/bytes.hpp"

namespace haltere {
namespace firmware {

/// The flash of an STM32F405/F407: sectors 5 to 11 of 128 KiB. RM0090, 3.6 (erase and
/// program), 3.5.2 (caches), 3.9 (registers). The core stops while it is busy: it runs from the
/// same bank.
class Stm32Flash {
 public:
  static constexpr uint32_t sector_bytes = 128 * 1024;

  static bool erase(uint32_t address) {
    constexpr uint32_t first_sector = 5;
    constexpr uint32_t first_address = 0x08020000;
    const uint32_t sector = first_sector + (address - first_address) / sector_bytes;
    unlock();
    reg(control) = words | sector << 3 | erase_sector;
    reg(control) = words | sector << 3 | erase_sector | start;
    return finish();
  }

  /// Whole words.
  static bool write(uint32_t address, const uint8_t* bytes, uint32_t count) {
    unlock();
    link::ByteReader reader(bytes, count);
    bool good = true;
    for (uint32_t at = 0; good && at < count; at += 4) {
      reg(control) = words | program;
      reg(address + at) = reader.u32();
      good = wait();
    }
    return finish() && good;
  }

 private:
  static constexpr uint32_t access = 0x40023C00;
  static constexpr uint32_t key = 0x40023C04;
  static constexpr uint32_t status = 0x40023C0C;
  static constexpr uint32_t control = 0x40023C10;
  static constexpr uint32_t program = 1u << 0;
  static constexpr uint32_t erase_sector = 1u << 1;
  static constexpr uint32_t words = 2u << 8;  // 32 bits at a time: 2.7 to 3.6 V
  static constexpr uint32_t start = 1u << 16;
  static constexpr uint32_t lock = 1u << 31;
  static constexpr uint32_t busy = 1u << 16;
  static constexpr uint32_t errors = 0xF2;  // PGSERR, PGPERR, PGAERR, WRPERR, OPERR
  static constexpr uint32_t data_cache = 1u << 10;
  static constexpr uint32_t data_cache_reset = 1u << 12;

  static void unlock() {
    if ((reg(control) & lock) != 0) {
      reg(key) = 0x45670123;
      reg(key) = 0xCDEF89AB;
    }
    reg(status) = errors;
  }

  static bool wait() {
    while ((reg(status) & busy) != 0) {
    }
    return (reg(status) & errors) == 0;
  }

  // Locks it again; what the cache has of it may be old.
  static bool finish() {
    const bool good = wait();
    reg(control) = lock;
    const uint32_t before = reg(access);
    reg(access) = before & ~data_cache;
    reg(access) = (before & ~data_cache) | data_cache_reset;
    reg(access) = before;
    return good;
  }
};

}  // namespace firmware
}  // namespace haltere
