#include "mcu/firmware/ports/rp2040/flash.hpp"

#include <stddef.h>
#include <string.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"

extern "C" {
extern const uint32_t boot2[64];
}

namespace haltere {
namespace firmware {
namespace rp2040_flash {
namespace {

constexpr uint32_t page_bytes = 256;

struct Calls {
  void (*connect)();
  void (*exit_xip)();
  void (*erase)(uint32_t offset, size_t count, uint32_t block_bytes, uint8_t block_command);
  void (*program)(uint32_t offset, const uint8_t* bytes, size_t count);
  void (*flush)();
  void (*enter_xip)();
};

Calls calls;
uint32_t boot2_copy[64];  // it lets the flash be read again
uint8_t page[page_bytes];

// Erases the sector at `offset`, or programs a page of `bytes`. Touches nothing but RAM and ROM.
__attribute__((section(".ram_code"), noinline, noclone, used)) void run(const Calls& rom,
                                                                        uint32_t offset,
                                                                        const uint8_t* bytes) {
  constexpr uint32_t block_bytes = 65536;
  constexpr uint8_t block_command = 0xD8;
  rom.connect();
  rom.exit_xip();
  if (bytes == nullptr) {
    rom.erase(offset, sector_bytes, block_bytes, block_command);
  } else {
    rom.program(offset, bytes, page_bytes);
  }
  rom.flush();
  rom.enter_xip();
}

// By assembly: compilers take addresses as low as the ROM's for mistakes.
uint32_t pointer_at(uint32_t address) {
  uint32_t pointer = 0;
  __asm volatile("ldrh %0, [%1]" : "=l"(pointer) : "l"(address));
  return pointer;
}

template <typename Function>
Function* look_up(char first, char second) {
  constexpr uint32_t function_table = 0x14;
  constexpr uint32_t lookup = 0x18;
  using Lookup = void* (*)(uint32_t table, uint32_t code);
  const auto find = reinterpret_cast<Lookup>(static_cast<uintptr_t>(pointer_at(lookup)));
  const auto code = static_cast<uint32_t>(second) << 8 | static_cast<uint32_t>(first);
  return reinterpret_cast<Function*>(find(pointer_at(function_table), code));
}

}  // namespace

void open() {
  memcpy(boot2_copy, boot2, sizeof boot2_copy);
  calls.connect = look_up<void()>('I', 'F');
  calls.exit_xip = look_up<void()>('E', 'X');
  calls.erase = look_up<void(uint32_t, size_t, uint32_t, uint8_t)>('R', 'E');
  calls.program = look_up<void(uint32_t, const uint8_t*, size_t)>('R', 'P');
  calls.flush = look_up<void()>('F', 'C');
  const auto copy = reinterpret_cast<uintptr_t>(boot2_copy);
  calls.enter_xip = reinterpret_cast<void (*)()>(copy | 1);
}

void erase(uint32_t offset) {
  const InterruptLock lock;
  run(calls, offset, nullptr);
}

void write(uint32_t offset, const uint8_t* bytes, uint32_t count) {
  while (count > 0) {
    const uint32_t first = offset % page_bytes;
    const uint32_t room = page_bytes - first;
    const uint32_t part = count < room ? count : room;
    memset(page, 0xFF, page_bytes);
    memcpy(page + first, bytes, part);
    {
      const InterruptLock lock;
      run(calls, offset - first, page);
    }
    offset += part;
    bytes += part;
    count -= part;
  }
}

}  // namespace rp2040_flash
}  // namespace firmware
}  // namespace haltere
