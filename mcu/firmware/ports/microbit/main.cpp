// BBC micro:bit: nRF51822, Cortex-M0 at 16 MHz. The UART is the link, models lie in flash.
// Registers: nRF51 Series Reference Manual 3.0, chapters NVMC (6), TIMER (18), UART (28), GPIO
// (14), POWER (11).
#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"
#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/ports/cortex_m/wave_sensor.hpp"
#include "mcu/firmware/ports/shared/port.hpp"

extern "C" {
extern const uint8_t slot_memory;
void uart_handler();
void timer0_handler();
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
constexpr uint32_t timer0_compare1 = 0x40008144;
constexpr uint32_t timer0_intenset = 0x40008304;
constexpr uint32_t timer0_intenclr = 0x40008308;
constexpr uint32_t timer0_bitmode = 0x40008508;
constexpr uint32_t timer0_prescaler = 0x40008510;
constexpr uint32_t timer0_cc0 = 0x40008540;
constexpr uint32_t timer0_cc1 = 0x40008544;
constexpr uint32_t timer0_interrupt = 8;
constexpr uint32_t intenset_compare1 = 1u << 17;
constexpr uint32_t bitmode_32 = 3;

constexpr uint32_t gpio_outset = 0x50000508;
constexpr uint32_t gpio_outclr = 0x5000050C;
constexpr uint32_t gpio_in = 0x50000510;
constexpr uint32_t gpio_dirset = 0x50000518;
constexpr uint32_t gpio_pin_cnf = 0x50000700;
constexpr uint32_t pin_wake = 3;  // ring 0 on the edge
constexpr uint32_t pin_button_a = 17;

constexpr uint32_t nvmc_ready = 0x4001E400;
constexpr uint32_t nvmc_config = 0x4001E504;
constexpr uint32_t nvmc_erasepage = 0x4001E508;
constexpr uint32_t config_read = 0;
constexpr uint32_t config_write = 1;
constexpr uint32_t config_erase = 2;

struct Microbit {
  static constexpr link::Core core = link::Core::cortex_m0;
  static constexpr uint32_t tick_hz = 16000000;
  // A window of 4 frames fits the ring: a page erase stops the core for 22 ms, in which 250 bytes
  // come.
  static constexpr uint8_t window_frames = 4;
  static constexpr uint32_t content_bytes = 508;
  static constexpr uint32_t ring_bytes = 2048;
  static constexpr uint32_t arena_bytes = 6 * 1024;
  static constexpr uint32_t slot_bytes = 63 * 1024;  // and the vault
  static constexpr uint32_t page_bytes = 1024;

  static const uint8_t* slots() { return &slot_memory; }
  static void start_timer();
  static void start_uart();
  static void resume_receiving() { reg(uart_intenset) = intenset_rxdrdy; }
  static void write_uart(void* context, const uint8_t* bytes, size_t count);
  static uint32_t ticks(void* context);
  static bool may_enroll(void* context);
  static bool erase_page(void* context, uint32_t offset);
  static bool write_slot(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
  static void start_sample_timer(uint32_t period_ticks);
  static void stop_sample_timer() { reg(timer0_intenclr) = intenset_compare1; }
};

WaveSensor<Microbit> wave;
uint32_t sample_period;

struct MicrobitSenses {
  static constexpr uint32_t stream_bytes = 240;
  static Sensor sensor() { return wave.sensor(); }
  static bool sample_waits() { return wave.sample_waits(); }
  static void wake(void* /*context*/, bool raised) {
    reg(gpio_dirset) = 1u << pin_wake;
    reg(raised ? gpio_outset : gpio_outclr) = 1u << pin_wake;
  }
};

Port<Microbit, MicrobitSenses> port;

void Microbit::start_timer() {
  reg(clock_hfclkstart) = 1;  // the UART wants the crystal
  reg(timer0_bitmode) = bitmode_32;
  reg(timer0_prescaler) = 0;
  reg(timer0_start) = 1;
}

void Microbit::start_sample_timer(uint32_t period_ticks) {
  sample_period = period_ticks;
  reg(timer0_cc1) = ticks(nullptr) + period_ticks;
  reg(timer0_compare1) = 0;
  reg(timer0_intenset) = intenset_compare1;
  enable_interrupt(timer0_interrupt);
}

// Ends sleep, and does so again a period later; also when it was held up for longer than that, as a
// page erase does.
void on_timer_interrupt() {
  constexpr int32_t soonest = 64;
  reg(timer0_compare1) = 0;
  uint32_t next = reg(timer0_cc1) + sample_period;
  const uint32_t now = Microbit::ticks(nullptr);
  if (static_cast<int32_t>(next - now) < soonest) next = now + sample_period;
  reg(timer0_cc1) = next;
}

void Microbit::start_uart() {
  reg(uart_pseltxd) = pin_txd;
  reg(uart_pselrxd) = pin_rxd;
  reg(uart_baudrate) = baudrate_115200;
  reg(uart_enable) = enable_uart;
  reg(uart_starttx) = 1;
  reg(uart_startrx) = 1;
  reg(uart_intenset) = intenset_rxdrdy;
  enable_interrupt(uart_interrupt);
}

void Microbit::write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    reg(uart_txdrdy) = 0;
    reg(uart_txd) = bytes[i];
    while (reg(uart_txdrdy) == 0) {
    }
  }
}

uint32_t Microbit::ticks(void* /*context*/) {
  reg(timer0_capture0) = 1;
  return reg(timer0_cc0);
}

// Button A pulls its pin down. The board has the pull-up; QEMU has none, so there the button is
// held.
bool Microbit::may_enroll(void* /*context*/) {
  reg(gpio_pin_cnf + 4 * pin_button_a) = 0;
  return (reg(gpio_in) >> pin_button_a & 1U) == 0;
}

void wait_for_flash() {
  while (reg(nvmc_ready) == 0) {
  }
}

uint32_t slot_address(uint32_t offset) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&slot_memory)) + offset;
}

bool Microbit::erase_page(void* /*context*/, uint32_t offset) {
  reg(nvmc_config) = config_erase;
  wait_for_flash();
  reg(nvmc_erasepage) = slot_address(offset);
  wait_for_flash();
  reg(nvmc_config) = config_read;
  return true;
}

bool Microbit::write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes,
                          uint32_t count) {
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

void on_uart_interrupt() {
  if (reg(uart_error) != 0) {
    reg(uart_error) = 0;
    reg(uart_errorsrc) = reg(uart_errorsrc);
    port.count_overrun();
  }
  if (!port.has_room()) {
    port.pause();
    reg(uart_intenclr) = intenset_rxdrdy;
    return;
  }
  if (reg(uart_rxdrdy) == 0) return;
  reg(uart_rxdrdy) = 0;  // before the byte is read: the next one may set it again
  port.receive(static_cast<uint8_t>(reg(uart_rxd)));
}

__attribute__((section(".vectors"), used)) const Vectors vectors =
    vectors_with({uart_interrupt, uart_handler}, {timer0_interrupt, timer0_handler});

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void uart_handler() { haltere::firmware::on_uart_interrupt(); }
extern "C" void timer0_handler() { haltere::firmware::on_timer_interrupt(); }

int main() { haltere::firmware::port.run(); }
