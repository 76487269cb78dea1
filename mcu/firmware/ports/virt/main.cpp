// QEMU's riscv32 virt (RV32IM, one hart). The 16550 UART is the link, models lie in RAM; CLINT's
// mtime counts at 10 MHz. Addresses: QEMU, hw/riscv/virt.c; registers: National Semiconductor
// PC16550D, RISC-V PLIC specification 1.0.
#include <stdint.h>

#include "mcu/firmware/ports/shared/port.hpp"
#include "mcu/firmware/ports/shared/slots_in_ram.hpp"

extern "C" {
extern uint8_t slot_memory;
void trap_handler();
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
constexpr uint32_t plic_priority = 0x0C000000;
constexpr uint32_t plic_enable = 0x0C002000;  // of hart 0 in machine mode
constexpr uint32_t plic_claim = 0x0C200004;

constexpr uint32_t clint_mtime = 0x0200BFF8;
constexpr uint32_t mtime_hz = 10000000;

constexpr uint32_t test_device = 0x00100000;
constexpr uint32_t test_reset = 0x7777;

volatile uint8_t& reg8(uintptr_t address) { return *reinterpret_cast<volatile uint8_t*>(address); }

struct Virt {
  using Watchdog = NoWatchdog;
  static constexpr link::Core core = link::Core::rv32im;
  static constexpr uint32_t tick_hz = mtime_hz;
  static constexpr uint8_t window_frames = 8;
  static constexpr uint32_t content_bytes = 4096;
  static constexpr uint32_t ring_bytes = 8192;
  static constexpr uint32_t arena_bytes = 64 * 1024;
  static constexpr uint32_t slot_bytes = 512 * 1024;
  static constexpr uint32_t page_bytes = 4096;

  static const uint8_t* slots() { return &slot_memory; }
  static void start_timer() {}  // it runs
  static void start_uart();
  static void resume_receiving() { reg8(uart_interrupt_enable) = status_received; }
  static void write_uart(void* context, const uint8_t* bytes, size_t count);
  // Emulated only: whoever runs it may.
  static bool may_enroll(void* /*context*/) { return true; }
  static uint32_t ticks(void* /*context*/) { return reg(clint_mtime); }
  static bool erase_page(void* /*context*/, uint32_t offset) {
    return SlotsInRam::erase(&slot_memory + offset, page_bytes);
  }
  static bool write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
    return SlotsInRam::write(&slot_memory + offset, bytes, count);
  }
};

Port<Virt> port;

void Virt::start_uart() {
  constexpr uint32_t machine_external = 1u << 11;
  reg8(uart_line_control) = eight_bits;
  reg8(uart_fifo_control) = fifo_enable;
  reg8(uart_interrupt_enable) = status_received;
  reg(plic_priority + 4 * uart_source) = 1;
  reg(plic_enable) = 1u << uart_source;
  __asm volatile("csrs mie, %0\n\tcsrs mstatus, %1" ::"r"(machine_external), "r"(mstatus_mie));
}

void Virt::write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((reg8(uart_line_status) & status_room) == 0) {
    }
    reg8(uart_data) = bytes[i];
  }
}

void receive() {
  for (;;) {
    const uint8_t status = reg8(uart_line_status);
    if ((status & status_overrun) != 0) port.count_overrun();
    if ((status & status_received) == 0) return;
    if (!port.has_room()) {
      port.pause();
      reg8(uart_interrupt_enable) = 0;
      return;
    }
    port.receive(reg8(uart_data));
  }
}

// The only one is the UART's.
void on_interrupt() {
  const uint32_t source = reg(plic_claim);
  receive();
  reg(plic_claim) = source;
}

}  // namespace

void restart() {
  reg(test_device) = test_reset;
  for (;;) {
  }
}

}  // namespace firmware
}  // namespace haltere

// An exception leaves nothing sensible to do: start again. The runtime falls back when a model was
// the cause.
extern "C" __attribute__((interrupt("machine"), aligned(4))) void trap_handler() {
  uint32_t cause = 0;
  __asm volatile("csrr %0, mcause" : "=r"(cause));
  constexpr uint32_t is_interrupt = 1u << 31;
  if ((cause & is_interrupt) == 0) {
    haltere::firmware::announce_reset(haltere::link::ResetReason::fault);
    haltere::firmware::restart();
  }
  haltere::firmware::on_interrupt();
}

int main() { haltere::firmware::port.run(); }
