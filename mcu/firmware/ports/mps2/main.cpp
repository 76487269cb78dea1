// Arm MPS2 boards as QEMU models them (AN385: M3, AN386: M4F, AN500: M7). UART0 is the link; TIMER0
// counts at 25 MHz. Registers: Arm Cortex-M System Design Kit TRM (DDI 0479), UART and timer.
#include <stdint.h>
#include <string.h>

#include "mcu/firmware/ports/cortex_m/boot_counter.hpp"
#include "mcu/firmware/ports/cortex_m/receive_ring.hpp"
#include "mcu/firmware/ports/cortex_m/registers.hpp"
#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/runtime.hpp"

extern "C" {
extern uint8_t slot_memory;
void uart0_receive_handler();
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t timer0_ctrl = 0x40000000;
constexpr uint32_t timer0_value = 0x40000004;
constexpr uint32_t timer0_reload = 0x40000008;
constexpr uint32_t timer_hz = 25000000;

constexpr uint32_t uart0_data = 0x40004000;
constexpr uint32_t uart0_state = 0x40004004;
constexpr uint32_t uart0_ctrl = 0x40004008;
constexpr uint32_t uart0_intclear = 0x4000400C;
constexpr uint32_t uart0_bauddiv = 0x40004010;
constexpr uint32_t uart0_receive_interrupt = 0;
constexpr uint32_t state_tx_full = 1u << 0;
constexpr uint32_t state_rx_full = 1u << 1;
constexpr uint32_t state_rx_overrun = 1u << 3;
constexpr uint32_t ctrl_tx_rx = 3;
constexpr uint32_t ctrl_rx_interrupt = 1u << 3;
constexpr uint32_t intclear_rx = 1u << 1;
constexpr uint32_t bauddiv_115200 = timer_hz / 115200;

constexpr uint32_t window_frames = 8;
constexpr uint32_t content_bytes = 4096;
constexpr uint32_t arena_bytes = 64 * 1024;
constexpr uint32_t slot_bytes = 512 * 1024;
constexpr uint32_t page_bytes = 4096;

constexpr link::Core core = link::Core::HALTERE_CORE;

ReceiveRing<8192> ring;
volatile uint32_t overruns;
bool paused;  // the ring was full: the interrupt is off until there is room
__attribute__((section(".noinit"))) BootCounter boot_counter;
alignas(16) uint8_t arena[arena_bytes];
alignas(8) uint8_t received[content_bytes];
alignas(8) uint8_t reply[content_bytes];
float values[content_bytes / 4];

void start_timer() {
  reg(timer0_ctrl) = 0;
  reg(timer0_reload) = 0xFFFFFFFF;
  reg(timer0_value) = 0xFFFFFFFF;
  reg(timer0_ctrl) = 1;
}

void start_uart() {
  reg(uart0_bauddiv) = bauddiv_115200;
  reg(uart0_ctrl) = ctrl_tx_rx | ctrl_rx_interrupt;
  enable_interrupt(uart0_receive_interrupt);
}

void write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((reg(uart0_state) & state_tx_full) != 0) {
    }
    reg(uart0_data) = bytes[i];
  }
}

void receive_byte() {
  if ((reg(uart0_state) & state_rx_overrun) != 0) {
    reg(uart0_state) = state_rx_overrun;
    overruns = overruns + 1;
  }
  ring.put(static_cast<uint8_t>(reg(uart0_data)));
}

// Waits for a byte, asleep.
uint8_t read_uart() {
  for (;;) {
    const InterruptLock lock;
    if (!ring.empty()) return ring.take();
    if (paused) {
      paused = false;
      while ((reg(uart0_state) & state_rx_full) != 0 && !ring.full()) receive_byte();
      reg(uart0_ctrl) = ctrl_tx_rx | ctrl_rx_interrupt;
      continue;
    }
    sleep_until_interrupt();
  }
}

uint32_t ticks(void* /*context*/) { return 0xFFFFFFFF - reg(timer0_value); }
uint32_t count_overruns(void* /*context*/) { return overruns; }

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
  platform.core = core;
  platform.boots = boot_counter.count();
  platform.reset_reason =
      platform.boots > 1 ? link::ResetReason::software : link::ResetReason::power;
  platform.ticks = ticks;
  platform.tick_hz = timer_hz;
  platform.overruns = count_overruns;
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
  memory.window_frames = window_frames;
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

// Called by the interrupt: takes what is there, or pauses when there is no room.
void on_receive_interrupt() {
  reg(uart0_intclear) = intclear_rx;
  while ((reg(uart0_state) & state_rx_full) != 0) {
    if (ring.full()) {
      paused = true;
      reg(uart0_ctrl) = ctrl_tx_rx;
      return;
    }
    receive_byte();
  }
}

__attribute__((section(".vectors"), used)) const Vectors vectors =
    vectors_with(uart0_receive_interrupt, uart0_receive_handler);

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void uart0_receive_handler() { haltere::firmware::on_receive_interrupt(); }

int main() {
  using namespace haltere::firmware;
  start_timer();
  Runtime runtime(platform(), memory(), storage(), {write_uart, nullptr});
  start_uart();
  runtime.boot();
  while (!runtime.reset_requested()) runtime.take(read_uart());
  restart();
}
