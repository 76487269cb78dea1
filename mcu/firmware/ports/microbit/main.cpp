// BBC micro:bit: nRF51822, Cortex-M0 at 16 MHz. The UART is the link, models lie in flash.
// Registers: nRF51 Series Reference Manual 3.0, chapters NVMC (6), TIMER (18), UART (28), POWER
// (11).
#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/boot_counter.hpp"
#include "mcu/firmware/ports/cortex_m/receive_ring.hpp"
#include "mcu/firmware/ports/cortex_m/registers.hpp"
#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/runtime.hpp"

extern "C" {
extern const uint8_t slot_memory;
void uart_handler();
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t clock_hfclkstart = 0x40000000;

constexpr uint32_t uart_startrx = 0x40002000;
constexpr uint32_t uart_starttx = 0x40002008;
constexpr uint32_t uart_rxdrdy = 0x40002108;
constexpr uint32_t uart_txdrdy = 0x4000211C;
constexpr uint32_t uart_error = 0x40002124;
constexpr uint32_t uart_intenset = 0x40002304;
constexpr uint32_t uart_intenclr = 0x40002308;
constexpr uint32_t uart_errorsrc = 0x40002480;
constexpr uint32_t uart_enable = 0x40002500;
constexpr uint32_t uart_pseltxd = 0x4000250C;
constexpr uint32_t uart_pselrxd = 0x40002514;
constexpr uint32_t uart_rxd = 0x40002518;
constexpr uint32_t uart_txd = 0x4000251C;
constexpr uint32_t uart_baudrate = 0x40002524;
constexpr uint32_t uart_interrupt = 2;
constexpr uint32_t intenset_rxdrdy = 1u << 2;
constexpr uint32_t enable_uart = 4;
constexpr uint32_t baudrate_115200 = 0x01D7E000;
constexpr uint32_t pin_txd = 24;  // to the interface chip's USB serial
constexpr uint32_t pin_rxd = 25;

constexpr uint32_t timer0_start = 0x40008000;
constexpr uint32_t timer0_capture0 = 0x40008040;
constexpr uint32_t timer0_bitmode = 0x40008508;
constexpr uint32_t timer0_prescaler = 0x40008510;
constexpr uint32_t timer0_cc0 = 0x40008540;
constexpr uint32_t bitmode_32 = 3;
constexpr uint32_t timer_hz = 16000000;

constexpr uint32_t nvmc_ready = 0x4001E400;
constexpr uint32_t nvmc_config = 0x4001E504;
constexpr uint32_t nvmc_erasepage = 0x4001E508;
constexpr uint32_t config_read = 0;
constexpr uint32_t config_write = 1;
constexpr uint32_t config_erase = 2;

// A window of 4 frames fits the ring: a page erase stops the core for 22 ms, in which 250 bytes
// come.
constexpr uint32_t window_frames = 4;
constexpr uint32_t content_bytes = 508;
constexpr uint32_t arena_bytes = 6 * 1024;
constexpr uint32_t slot_bytes = 64 * 1024;
constexpr uint32_t page_bytes = 1024;

ReceiveRing<2048> ring;
volatile uint32_t overruns;
volatile bool paused;  // the ring was full: the interrupt is off until there is room
__attribute__((section(".noinit"))) BootCounter boot_counter;
alignas(8) uint8_t arena[arena_bytes];
alignas(8) uint8_t received[content_bytes];
alignas(8) uint8_t reply[content_bytes];
float values[content_bytes / 4];

void start_timer() {
  reg(timer0_bitmode) = bitmode_32;
  reg(timer0_prescaler) = 0;
  reg(timer0_start) = 1;
}

void start_uart() {
  reg(uart_pseltxd) = pin_txd;
  reg(uart_pselrxd) = pin_rxd;
  reg(uart_baudrate) = baudrate_115200;
  reg(uart_enable) = enable_uart;
  reg(uart_starttx) = 1;
  reg(uart_startrx) = 1;
  reg(uart_intenset) = intenset_rxdrdy;
  enable_interrupt(uart_interrupt);
}

void write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    reg(uart_txdrdy) = 0;
    reg(uart_txd) = bytes[i];
    while (reg(uart_txdrdy) == 0) {
    }
  }
}

// Waits for a byte, asleep.
uint8_t read_uart() {
  for (;;) {
    const InterruptLock lock;
    if (!ring.empty()) return ring.take();
    if (paused) {
      paused = false;
      reg(uart_intenset) = intenset_rxdrdy;
      continue;
    }
    sleep_until_interrupt();
  }
}

uint32_t ticks(void* /*context*/) {
  reg(timer0_capture0) = 1;
  return reg(timer0_cc0);
}

uint32_t count_overruns(void* /*context*/) { return overruns; }

void wait_for_flash() {
  while (reg(nvmc_ready) == 0) {
  }
}

uint32_t slot_address(uint32_t offset) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&slot_memory)) + offset;
}

bool erase_page(void* /*context*/, uint32_t offset) {
  reg(nvmc_config) = config_erase;
  wait_for_flash();
  reg(nvmc_erasepage) = slot_address(offset);
  wait_for_flash();
  reg(nvmc_config) = config_read;
  return true;
}

bool write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  reg(nvmc_config) = config_write;
  wait_for_flash();
  link::ByteReader reader(bytes, count);
  for (uint32_t i = 0; i < count; i += 4) {
    reg(slot_address(offset + i)) = reader.u32();
    wait_for_flash();
  }
  reg(nvmc_config) = config_read;
  return true;
}

Platform platform() {
  Platform platform;
  platform.core = link::Core::cortex_m0;
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

void on_uart_interrupt() {
  if (reg(uart_error) != 0) {
    reg(uart_error) = 0;
    reg(uart_errorsrc) = reg(uart_errorsrc);
    overruns = overruns + 1;
  }
  if (ring.full()) {
    paused = true;
    reg(uart_intenclr) = intenset_rxdrdy;
    return;
  }
  if (reg(uart_rxdrdy) == 0) return;
  reg(uart_rxdrdy) = 0;  // before the byte is read: the next one may set it again
  ring.put(static_cast<uint8_t>(reg(uart_rxd)));
}

__attribute__((section(".vectors"), used)) const Vectors vectors =
    vectors_with(uart_interrupt, uart_handler);

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void uart_handler() { haltere::firmware::on_uart_interrupt(); }

int main() {
  using namespace haltere::firmware;
  reg(clock_hfclkstart) = 1;  // the UART wants the crystal
  start_timer();
  Runtime runtime(platform(), memory(), storage(), {write_uart, nullptr});
  start_uart();
  runtime.boot();
  while (!runtime.reset_requested()) runtime.take(read_uart());
  restart();
}
