// BBC micro:bit: nRF51822, Cortex-M0 at 16 MHz. The UART is the link, models lie in flash.
// Registers: ports/nrf/nrf.hpp; nRF51 Series Reference Manual 3.0, GPIO (14).
#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/ports/cortex_m/wave_sensor.hpp"
#include "mcu/firmware/ports/nrf/nrf.hpp"
#include "mcu/firmware/ports/shared/port.hpp"

extern "C" {
void uart_handler();
void timer0_handler();
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t gpio_outset = 0x50000508;
constexpr uint32_t gpio_outclr = 0x5000050C;
constexpr uint32_t gpio_in = 0x50000510;
constexpr uint32_t gpio_dirset = 0x50000518;
constexpr uint32_t gpio_pin_cnf = 0x50000700;
constexpr uint32_t pin_wake = 3;  // ring 0 on the edge
constexpr uint32_t pin_button_a = 17;

struct Microbit : Nrf<Microbit> {
  static constexpr link::Core core = link::Core::cortex_m0;
  static constexpr uint32_t txd_select = 24;  // to the interface chip's USB serial
  static constexpr uint32_t rxd_select = 25;
  // A window of 4 frames fits the ring: a page erase stops the core for 22 ms, in which 250 bytes
  // come.
  static constexpr uint8_t window_frames = 4;
  static constexpr uint32_t content_bytes = 508;
  static constexpr uint32_t ring_bytes = 2048;
  static constexpr uint32_t arena_bytes = 6 * 1024;
  static constexpr uint32_t slot_bytes = 63 * 1024;  // and the vault
  static constexpr uint32_t page_bytes = 1024;

  static bool may_enroll(void* context);
};

WaveSensor<Microbit> wave;

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

// Button A pulls its pin down. The board has the pull-up; QEMU has none, so there the button is
// held.
bool Microbit::may_enroll(void* /*context*/) {
  reg(gpio_pin_cnf + 4 * pin_button_a) = 0;
  return (reg(gpio_in) >> pin_button_a & 1U) == 0;
}

__attribute__((section(".vectors"), used)) const Vectors<> vectors = vectors_with(
    {Microbit::uart_interrupt, uart_handler}, {Microbit::timer0_interrupt, timer0_handler});

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void uart_handler() {
  haltere::firmware::Microbit::on_uart_interrupt(haltere::firmware::port);
}
extern "C" void timer0_handler() { haltere::firmware::Microbit::on_timer_interrupt(); }

int main() { haltere::firmware::port.run(); }
