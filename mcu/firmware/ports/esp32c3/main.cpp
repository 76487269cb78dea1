// ESP32-C3 (RV32IMC) with 4 MiB of flash, as on the ESP32-C3-DevKitM-1, without an operating
// system. UART0 is the link, models lie in flash; the core polls and does not sleep. Sections of
// the Technical Reference Manual 1.3: UART 26.5, system timer 10.5, watchdogs 12.5 and 11.4,
// GPIO 5.14, IO MUX 5.15.
#include <stdint.h>

#include "mcu/firmware/ports/esp32c3/flash.hpp"
#include "mcu/firmware/ports/shared/port.hpp"

extern "C" {
extern const uint8_t slot_memory;
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t uart_fifo = 0x60000000;
constexpr uint32_t uart_interrupts = 0x60000004;
constexpr uint32_t uart_clear = 0x60000010;
constexpr uint32_t uart_status = 0x6000001C;
constexpr uint32_t received_count = 0x3FF;
constexpr uint32_t waiting_shift = 16;
constexpr uint32_t fifo_bytes = 128;
constexpr uint32_t fifo_overrun = 1u << 4;

constexpr uint32_t systimer_unit0_op = 0x60023004;
constexpr uint32_t systimer_unit0_low = 0x60023044;
constexpr uint32_t systimer_update = 1u << 30;
constexpr uint32_t systimer_valid = 1u << 29;
constexpr uint32_t systimer_hz = 16000000;

constexpr uint32_t watchdog_key = 0x50D83AA1;
constexpr uint32_t rtc_watchdog_config = 0x60008090;
constexpr uint32_t rtc_watchdog_protect = 0x600080A8;
constexpr uint32_t super_watchdog_config = 0x600080AC;
constexpr uint32_t super_watchdog_protect = 0x600080B0;
constexpr uint32_t super_watchdog_key = 0x8F1D312A;
constexpr uint32_t feeds_itself = 1u << 31;
constexpr uint32_t timer_watchdog_config = 0x6001F048;
constexpr uint32_t timer_watchdog_protect = 0x6001F064;

constexpr uint32_t gpio_in = 0x6000403C;
constexpr uint32_t gpio_out_set = 0x60004008;
constexpr uint32_t gpio_out_clear = 0x6000400C;
constexpr uint32_t gpio_enable_set = 0x60004024;
constexpr uint32_t gpio_out_select = 0x60004554;  // and each 4 bytes
constexpr uint32_t io_mux = 0x60009004;           // and each 4 bytes
constexpr uint32_t simple_output = 128;
constexpr uint32_t as_gpio = 1u << 12;
constexpr uint32_t as_input_with_pull_up = as_gpio | 1u << 9 | 1u << 8;
constexpr uint32_t pin_button = 9;  // BOOT
constexpr uint32_t pin_wake = 10;

constexpr uint32_t mapped_at = 0x3C000000;
struct Esp32c3 {
  using Watchdog = NoWatchdog;
  static constexpr link::Core core = link::Core::rv32imc;
  static constexpr uint32_t tick_hz = systimer_hz;
  // The FIFO holds 11 ms of the line, a sector's erasure takes 45 ms and more: nothing may be on
  // its way then.
  static constexpr uint8_t window_frames = 1;
  static constexpr uint32_t content_bytes = 4096;
  static constexpr uint32_t ring_bytes = 256;
  static constexpr uint32_t arena_bytes = 128 * 1024;
  static constexpr uint32_t page_bytes = esp32c3_flash::sector_bytes;
  static constexpr uint32_t slot_bytes = 127 * page_bytes;

  static const uint8_t* slots() { return &slot_memory; }
  static void start_timer();
  static void start_uart();
  static void resume_receiving();
  static void write_uart(void* context, const uint8_t* bytes, size_t count);
  static bool may_enroll(void* /*context*/) { return (reg(gpio_in) >> pin_button & 1) == 0; }
  static uint32_t ticks(void* context);
  static bool erase_page(void* context, uint32_t offset);
  static bool write_slot(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
};

struct Esp32c3Senses : NoSenses {
  static void wake(void* /*context*/, bool raised) {
    reg(raised ? gpio_out_set : gpio_out_clear) = 1u << pin_wake;
  }
};

Port<Esp32c3, Esp32c3Senses> port;

// The ROM leaves them running, to catch images that do not start.
void stop_watchdogs() {
  reg(rtc_watchdog_protect) = watchdog_key;
  reg(rtc_watchdog_config) = 0;
  reg(rtc_watchdog_protect) = 0;
  reg(super_watchdog_protect) = super_watchdog_key;
  reg(super_watchdog_config) = reg(super_watchdog_config) | feeds_itself;
  reg(super_watchdog_protect) = 0;
  reg(timer_watchdog_protect) = watchdog_key;
  reg(timer_watchdog_config) = 0;
  reg(timer_watchdog_protect) = 0;
}

void start_pins() {
  reg(io_mux + 4 * pin_button) = as_input_with_pull_up;
  reg(io_mux + 4 * pin_wake) = as_gpio;
  reg(gpio_out_select + 4 * pin_wake) = simple_output;
  reg(gpio_enable_set) = 1u << pin_wake;
}

void Esp32c3::start_timer() {
  stop_watchdogs();
  start_pins();
  esp32c3_flash::open();
}

// The ROM wrote its own lines to the same pins: 115200 8N1 is set already. Nobody interrupts.
void Esp32c3::start_uart() { port.pause(); }

void Esp32c3::resume_receiving() {
  if ((reg(uart_interrupts) & fifo_overrun) != 0) {
    reg(uart_clear) = fifo_overrun;
    port.count_overrun();
  }
  while ((reg(uart_status) & received_count) != 0 && port.has_room()) {
    port.receive(static_cast<uint8_t>(reg(uart_fifo)));
  }
  port.pause();
}

void Esp32c3::write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((reg(uart_status) >> waiting_shift & received_count) >= fifo_bytes - 1) {
    }
    reg(uart_fifo) = bytes[i];
  }
}

uint32_t Esp32c3::ticks(void* /*context*/) {
  reg(systimer_unit0_op) = systimer_update;
  while ((reg(systimer_unit0_op) & systimer_valid) == 0) {
  }
  return reg(systimer_unit0_low);
}

// A reset would cut the last reply, whose last byte leaves the FIFO before it is sent: as long as
// ten bits take, and more.
void finish_writing() {
  constexpr uint32_t two_bytes_ticks = systimer_hz / 5000;
  while ((reg(uart_status) >> waiting_shift & received_count) != 0) {
  }
  const uint32_t from = Esp32c3::ticks(nullptr);
  while (Esp32c3::ticks(nullptr) - from < two_bytes_ticks) {
  }
}

uint32_t flash_offset(uint32_t offset) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&slot_memory)) - mapped_at + offset;
}

bool Esp32c3::erase_page(void* /*context*/, uint32_t offset) {
  return esp32c3_flash::erase(flash_offset(offset));
}

bool Esp32c3::write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  return esp32c3_flash::write(flash_offset(offset), bytes, count);
}

}  // namespace

void restart() {
  finish_writing();
  constexpr uint32_t software_reset = 0x40000090;
  reinterpret_cast<void (*)()>(static_cast<uintptr_t>(software_reset))();
  for (;;) {
  }
}

}  // namespace firmware
}  // namespace haltere

int main() { haltere::firmware::port.run(); }
