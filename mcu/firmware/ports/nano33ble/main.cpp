// Arduino Nano 33 BLE: nRF52840, Cortex-M4F at 64 MHz. The UART at the pins TX and RX is the link,
// models lie in flash. Registers: ports/nrf/nrf.hpp; nRF52840 Product Specification 1.8, GPIO
// (6.9).
#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/ports/nrf/nrf.hpp"
#include "mcu/firmware/ports/shared/port.hpp"

extern "C" {
void uart_handler();
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t port1_outset = 0x50000808;
constexpr uint32_t port1_outclr = 0x5000080C;
constexpr uint32_t port1_in = 0x50000810;
constexpr uint32_t port1_dirset = 0x50000818;
constexpr uint32_t port1_pin_cnf = 0x50000A00;
constexpr uint32_t pin_button = 11;  // P1.11, D2, to ground
constexpr uint32_t pin_wake = 12;    // P1.12, D3
constexpr uint32_t input_with_pull_up = 3u << 2;
constexpr uint32_t port1 = 1u << 5;  // in PSEL

struct Nano33Ble : Nrf<Nano33Ble> {
  static constexpr link::Core core = link::Core::cortex_m4f;
  static constexpr uint32_t txd_select = port1 | 3;   // P1.03
  static constexpr uint32_t rxd_select = port1 | 10;  // P1.10
  // The core stops for 85 ms while a page is erased, and the UART holds six bytes: nothing may be
  // on its way then.
  static constexpr uint8_t window_frames = 1;
  static constexpr uint32_t content_bytes = 4096;
  static constexpr uint32_t ring_bytes = 8192;
  static constexpr uint32_t arena_bytes = 128 * 1024;
  static constexpr uint32_t page_bytes = 4096;
  static constexpr uint32_t slot_bytes = 63 * page_bytes;  // and the vault

  static bool may_enroll(void* /*context*/) { return (reg(port1_in) >> pin_button & 1) == 0; }
};

struct Nano33BleSenses : NoSenses {
  static void wake(void* /*context*/, bool raised) {
    reg(raised ? port1_outset : port1_outclr) = 1u << pin_wake;
  }
};

Port<Nano33Ble, Nano33BleSenses> port;

__attribute__((section(".vectors"), used)) const Vectors<> vectors =
    vectors_with(Nano33Ble::uart_interrupt, uart_handler);

[[noreturn]] void start() {
  // The boot loader's table was in use until here.
  reg(vtor) = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&vectors));
  reg(port1_dirset) = 1u << pin_wake;
  reg(port1_pin_cnf + 4 * pin_button) = input_with_pull_up;
  port.run();
}

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void uart_handler() {
  haltere::firmware::Nano33Ble::on_uart_interrupt(haltere::firmware::port);
}

int main() { haltere::firmware::start(); }
