// Addresses of the ROM's functions: ESP-IDF, components/esp_rom/esp32c3/ld/esp32c3.rom.ld, which
// every silicon revision keeps.
#include "mcu/firmware/ports/esp32c3/flash.hpp"

#include <string.h>

namespace haltere {
namespace firmware {
namespace esp32c3_flash {
namespace {

constexpr uint32_t chip_bytes = 4 * 1024 * 1024;
constexpr uint32_t block_bytes = 64 * 1024;
constexpr uint32_t page_bytes = 256;
constexpr uint32_t mapped_at = 0x3C000000;

template <typename Function>
Function* rom(uint32_t address) {
  return reinterpret_cast<Function*>(static_cast<uintptr_t>(address));
}

/// What `run` needs, in RAM.
struct Calls {
  uint32_t (*suspend_cache)();
  void (*resume_cache)(uint32_t autoload);
  int (*invalidate)(uint32_t address, uint32_t bytes);
  int (*erase_sector)(uint32_t sector);
  int (*write)(uint32_t offset, const uint32_t* words, int32_t bytes);
};

Calls calls;
uint32_t page[page_bytes / 4];

// Erases the sector at `offset`, or writes `count` bytes of words. Touches nothing but RAM and ROM.
__attribute__((section(".ram_code"), noinline, noclone, used)) int run(const Calls& in_rom,
                                                                       uint32_t offset,
                                                                       const uint32_t* words,
                                                                       uint32_t count) {
  const uint32_t autoload = in_rom.suspend_cache();
  const int failed = words == nullptr ? in_rom.erase_sector(offset / sector_bytes)
                                      : in_rom.write(offset, words, static_cast<int32_t>(count));
  in_rom.resume_cache(autoload);
  in_rom.invalidate(mapped_at + offset, words == nullptr ? sector_bytes : count);
  return failed;
}

// RAM is code 0x700000 above where it is data (Technical Reference Manual 1.3, table 3-1); the
// function does not mind where it lies.
int run_in_ram(uint32_t offset, const uint32_t* words, uint32_t count) {
  constexpr uintptr_t code_above_data = 0x700000;
  using Run = int (*)(const Calls&, uint32_t, const uint32_t*, uint32_t);
  const auto there = reinterpret_cast<Run>(reinterpret_cast<uintptr_t>(&run) + code_above_data);
  return there(calls, offset, words, count);
}

}  // namespace

void open() {
  calls.suspend_cache = rom<uint32_t()>(0x40000524);
  calls.resume_cache = rom<void(uint32_t)>(0x40000528);
  calls.invalidate = rom<int(uint32_t, uint32_t)>(0x400004D4);
  calls.erase_sector = rom<int(uint32_t)>(0x40000128);
  calls.write = rom<int(uint32_t, const uint32_t*, int32_t)>(0x4000012C);
  // Without an image header the ROM does not know the chip's size.
  const auto configure =
      rom<int(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t)>(0x40000134);
  configure(0, chip_bytes, block_bytes, sector_bytes, page_bytes, 0xFFFF);
  rom<int()>(0x40000140)();  // ends the chip's write protection
}

bool erase(uint32_t offset) { return run_in_ram(offset, nullptr, 0) == 0; }

bool write(uint32_t offset, const uint8_t* bytes, uint32_t count) {
  while (count > 0) {
    const uint32_t room = page_bytes - offset % page_bytes;
    const uint32_t part = count < room ? count : room;
    memcpy(page, bytes, part);
    if (run_in_ram(offset, page, part) != 0) return false;
    offset += part;
    bytes += part;
    count -= part;
  }
  return true;
}

}  // namespace esp32c3_flash
}  // namespace firmware
}  // namespace haltere
