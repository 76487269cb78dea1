// Raspberry Pi Pico: RP2040, core 0 (Cortex-M0+) at 125 MHz; core 1 sleeps. UART0 (GP0, GP1) is the
// link, models lie in the serial flash. Sections of the RP2040 datasheet (2024-10): UART 4.2, timer
// 4.6, GPIO 2.19, SIO 2.3.1.
#include <stdint.h>
#include <string.h>

#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/ports/rp2040/clocks.hpp"
#include "mcu/firmware/ports/rp2040/flash.hpp"
#include "mcu/firmware/ports/shared/port.hpp"

extern "C" {
extern const uint8_t slot_memory;
void uart0_handler();
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t uart_dr = 0x40034000;
constexpr uint32_t uart_fr = 0x40034018;
constexpr uint32_t uart_ibrd = 0x40034024;
constexpr uint32_t uart_fbrd = 0x40034028;
constexpr uint32_t uart_lcr_h = 0x4003402C;
constexpr uint32_t uart_cr = 0x40034030;
constexpr uint32_t uart_ifls = 0x40034034;
constexpr uint32_t uart_imsc = 0x40034038;
constexpr uint32_t uart0_interrupt = 20;
constexpr uint32_t fr_nothing_received = 1u << 4;
constexpr uint32_t fr_no_room = 1u << 5;
constexpr uint32_t dr_overrun = 1u << 11;
constexpr uint32_t eight_bits_and_fifo = 3u << 5 | 1u << 4;
constexpr uint32_t on_both_ways = 1u << 0 | 1u << 8 | 1u << 9;
constexpr uint32_t received_or_waits = 1u << 4 | 1u << 6;  // an eighth of the FIFO, or a pause
constexpr uint32_t baud = 115200;
constexpr uint32_t divisor_64ths = (4 * Rp2040Clocks::system_hz + baud / 2) / baud;

constexpr uint32_t flash_mapped_at = 0x10000000;
constexpr uint32_t timer_rawl = 0x40054028;

constexpr uint32_t gpio_ctrl = 0x40014004;  // and each 8 bytes
constexpr uint32_t pad = 0x4001C004;        // and each 4 bytes
constexpr uint32_t function_uart = 2;
constexpr uint32_t function_sio = 5;
constexpr uint32_t pad_input_with_pull_up = 0x5A;
constexpr uint32_t sio_in = 0xD0000004;
constexpr uint32_t sio_out_set = 0xD0000014;
constexpr uint32_t sio_out_clear = 0xD0000018;
constexpr uint32_t sio_output_set = 0xD0000024;
constexpr uint32_t pin_tx = 0;
constexpr uint32_t pin_rx = 1;
constexpr uint32_t pin_button = 15;  // to ground
constexpr uint32_t pin_wake = 25;    // the LED

/// Datasheet 4.7; its counter goes down by two a microsecond (erratum E1).
struct PicoWatchdog : NoWatchdog {
  static void start() {
    reg(power_on_wdsel) = all_but_the_oscillators;
    feed();
    reg(watchdog_ctrl) = watchdog_enable;
  }
  static void feed() { reg(watchdog_load) = 0xFFFFFF; }  // 8.4 s
  static void stop() { reg(watchdog_ctrl) = 0; }
  static bool caused_reset() { return (reg(watchdog_reason) & 1) != 0; }

 private:
  static constexpr uint32_t watchdog_ctrl = 0x40058000;
  static constexpr uint32_t watchdog_load = 0x40058004;
  static constexpr uint32_t watchdog_reason = 0x40058008;
  static constexpr uint32_t watchdog_enable = 1u << 30;
  static constexpr uint32_t power_on_wdsel = 0x40010008;
  static constexpr uint32_t all_but_the_oscillators = 0x1FFFC;
};

struct Pico {
  using Watchdog = PicoWatchdog;
  static constexpr link::Core core = link::Core::cortex_m0plus;
  static constexpr uint32_t tick_hz = 1000000;
  // The core stops for 45 ms and more while a sector is erased, and the UART holds 32 bytes:
  // nothing may be on its way then.
  static constexpr uint8_t window_frames = 1;
  static constexpr uint32_t content_bytes = 4096;
  static constexpr uint32_t ring_bytes = 8192;
  static constexpr uint32_t arena_bytes = 128 * 1024;
  static constexpr uint32_t page_bytes = rp2040_flash::sector_bytes;
  static constexpr uint32_t slot_bytes = 127 * page_bytes;  // and the vault

  static const uint8_t* slots() { return &slot_memory; }
  static void start_timer();
  static void start_uart();
  static void resume_receiving() { reg(uart_imsc) = received_or_waits; }
  static void write_uart(void* context, const uint8_t* bytes, size_t count);
  static bool may_enroll(void* /*context*/) { return (reg(sio_in) >> pin_button & 1) == 0; }
  static uint32_t ticks(void* /*context*/) { return reg(timer_rawl); }
  static bool erase_page(void* context, uint32_t offset);
  static bool write_slot(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
};

struct PicoSenses : NoSenses {
  static void wake(void* /*context*/, bool raised) {
    reg(raised ? sio_out_set : sio_out_clear) = 1u << pin_wake;
  }
};

Port<Pico, PicoSenses> port;

void set_function(uint32_t pin, uint32_t function) { reg(gpio_ctrl + 8 * pin) = function; }

void Pico::start_timer() {
  Rp2040Clocks::start();
  end_reset(reset_io_bank0 | reset_pads_bank0 | reset_timer);
  rp2040_flash::open();
  set_function(pin_wake, function_sio);
  reg(sio_output_set) = 1u << pin_wake;
  reg(pad + 4 * pin_button) = pad_input_with_pull_up;
}

void Pico::start_uart() {
  end_reset(reset_uart0);
  reg(uart_ibrd) = divisor_64ths / 64;
  reg(uart_fbrd) = divisor_64ths % 64;
  reg(uart_lcr_h) = eight_bits_and_fifo;
  reg(uart_ifls) = 0;
  reg(uart_cr) = on_both_ways;
  reg(pad + 4 * pin_rx) = pad_input_with_pull_up;  // quiet with nothing plugged in
  set_function(pin_tx, function_uart);
  set_function(pin_rx, function_uart);
  reg(uart_imsc) = received_or_waits;
  enable_interrupt(uart0_interrupt);
}

void Pico::write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((reg(uart_fr) & fr_no_room) != 0) {
    }
    reg(uart_dr) = bytes[i];
  }
}

uint32_t flash_offset(uint32_t offset) {
  const auto slots = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&slot_memory));
  return slots - flash_mapped_at + offset;
}

bool Pico::erase_page(void* /*context*/, uint32_t offset) {
  rp2040_flash::erase(flash_offset(offset));
  return slots()[offset] == 0xFF;
}

bool Pico::write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  rp2040_flash::write(flash_offset(offset), bytes, count);
  return memcmp(slots() + offset, bytes, count) == 0;
}

void on_receive_interrupt() {
  while ((reg(uart_fr) & fr_nothing_received) == 0) {
    if (!port.has_room()) {
      port.pause();
      reg(uart_imsc) = 0;
      return;
    }
    const uint32_t received = reg(uart_dr);
    if ((received & dr_overrun) != 0) port.count_overrun();
    port.receive(static_cast<uint8_t>(received));
  }
}

__attribute__((section(".vectors"), used)) const Vectors<uart0_interrupt + 1> vectors =
    vectors_with<uart0_interrupt + 1>(uart0_interrupt, uart0_handler);

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void uart0_handler() { haltere::firmware::on_receive_interrupt(); }

int main() { haltere::firmware::port.run(); }
