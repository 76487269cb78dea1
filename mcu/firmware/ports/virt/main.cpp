// QEMU's riscv32 virt (RV32IM, one hart). The 16550 UART is the link, models lie in RAM; CLINT's
// mtime counts at 10 MHz. Addresses: QEMU, hw/riscv/virt.c; registers: National Semiconductor
// PC16550D, RISC-V PLIC specification 1.0.
#include <stdint.h>
#include <string.h>

#include "mcu/firmware/ports/shared/boot_counter.hpp"
#include "mcu/firmware/runtime.hpp"

extern "C" {
extern uint8_t slot_memory;
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uintptr_t uart_data = 0x10000000;
constexpr uintptr_t uart_interrupt_enable = 0x10000001;
constexpr uintptr_t uart_fifo_control = 0x10000002;
constexpr uintptr_t uart_line_control = 0x10000003;
constexpr uintptr_t uart_line_status = 0x10000005;
constexpr uint8_t fifo_enable = 1;
constexpr uint8_t eight_bits = 3;
constexpr uint8_t status_received = 1u << 0;
constexpr uint8_t status_overrun = 1u << 1;
constexpr uint8_t status_room = 1u << 5;

constexpr uint32_t uart_source = 10;
constexpr uintptr_t plic_priority = 0x0C000000;
constexpr uintptr_t plic_enable = 0x0C002000;  // of hart 0 in machine mode
constexpr uintptr_t plic_claim = 0x0C200004;

constexpr uintptr_t clint_mtime = 0x0200BFF8;
constexpr uint32_t mtime_hz = 10000000;

constexpr uintptr_t test_device = 0x00100000;
constexpr uint32_t test_reset = 0x7777;

constexpr uint32_t content_bytes = 4096;
constexpr uint32_t arena_bytes = 64 * 1024;
constexpr uint32_t slot_bytes = 512 * 1024;
constexpr uint32_t page_bytes = 4096;

volatile uint32_t& reg(uintptr_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }
volatile uint8_t& reg8(uintptr_t address) { return *reinterpret_cast<volatile uint8_t*>(address); }

alignas(8) uint8_t arena[arena_bytes];
alignas(8) uint8_t received[content_bytes];
alignas(8) uint8_t reply[content_bytes];
float values[content_bytes / 4];
uint32_t overrun_count = 0;

/// The interrupt only wakes the core; it is never taken.
void start_uart() {
  reg8(uart_line_control) = eight_bits;
  reg8(uart_fifo_control) = fifo_enable;
  reg8(uart_interrupt_enable) = status_received;
  reg(plic_priority + 4 * uart_source) = 1;
  reg(plic_enable) = 1u << uart_source;
  constexpr uint32_t machine_external = 1u << 11;
  __asm volatile("csrs mie, %0" ::"r"(machine_external));
}

bool has_byte() {
  const uint8_t status = reg8(uart_line_status);
  if ((status & status_overrun) != 0) ++overrun_count;
  return (status & status_received) != 0;
}

uint8_t next_byte() {
  while (!has_byte()) {
    __asm volatile("wfi" ::: "memory");
    const uint32_t source = reg(plic_claim);
    reg(plic_claim) = source;
  }
  return reg8(uart_data);
}

void write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((reg8(uart_line_status) & status_room) == 0) {
    }
    reg8(uart_data) = bytes[i];
  }
}

uint32_t ticks(void* /*context*/) { return reg(clint_mtime); }

uint32_t overruns(void* /*context*/) { return overrun_count; }

bool erase_page(void* /*context*/, uint32_t offset) {
  memset(&slot_memory + offset, 0xFF, page_bytes);
  return true;
}

bool write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  uint8_t* place = &slot_memory + offset;
  for (uint32_t i = 0; i < count; ++i) place[i] = static_cast<uint8_t>(place[i] & bytes[i]);
  return true;
}

Platform platform() {
  Platform platform;
  platform.core = link::Core::rv32im;
  platform.boots = count_boot();
  platform.reset_reason =
      platform.boots > 1 ? link::ResetReason::software : link::ResetReason::power;
  platform.ticks = ticks;
  platform.tick_hz = mtime_hz;
  platform.overruns = overruns;
  return platform;
}

Memory memory() {
  Memory memory;
  memory.arena = arena;
  memory.arena_bytes = arena_bytes;
  memory.received = received;
  memory.reply = reply;
  memory.values = values;
  memory.content_bytes = content_bytes;
  memory.window_frames = 8;
  return memory;
}

Storage storage() {
  Storage storage;
  storage.base = &slot_memory;
  storage.slot_bytes = slot_bytes;
  storage.page_bytes = page_bytes;
  storage.erase_page = erase_page;
  storage.write = write_slot;
  return storage;
}

[[noreturn]] void run() {
  Runtime runtime(platform(), memory(), storage(), {write_uart, nullptr});
  start_uart();
  runtime.boot();
  while (!runtime.reset_requested()) {
    if (!has_byte()) runtime.idle();
    runtime.take(next_byte());
  }
  reg(test_device) = test_reset;
  for (;;) {
  }
}

}  // namespace
}  // namespace firmware
}  // namespace haltere

int main() { haltere::firmware::run(); }
