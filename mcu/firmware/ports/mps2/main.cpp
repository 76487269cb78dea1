// Arm MPS2 boards as QEMU models them (AN385: M3, AN386: M4F, AN500: M7). UART0 is the link; TIMER0
// counts at 25 MHz. Registers: Arm Cortex-M System Design Kit TRM (DDI 0479), UART and timer.
#include <stdint.h>
#include <string.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"
#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/ports/cortex_m/wave_sensor.hpp"
#include "mcu/firmware/ports/shared/port.hpp"

extern "C" {
extern uint8_t slot_memory;
void uart0_receive_handler();
void timer1_handler();
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t timer0_ctrl = 0x40000000;
constexpr uint32_t timer0_value = 0x40000004;
constexpr uint32_t timer0_reload = 0x40000008;
constexpr uint32_t timer_hz = 25000000;

constexpr uint32_t timer1_ctrl = 0x40001000;
constexpr uint32_t timer1_value = 0x40001004;
constexpr uint32_t timer1_reload = 0x40001008;
constexpr uint32_t timer1_intclear = 0x4000100C;
constexpr uint32_t timer1_interrupt = 9;
constexpr uint32_t timer_runs_and_interrupts = 1u | 1u << 3;

constexpr uint32_t watchdog_load = 0x40008000;
constexpr uint32_t watchdog_ctrl = 0x40008008;
constexpr uint32_t watchdog_intclear = 0x4000800C;
constexpr uint32_t watchdog_warns_then_resets = 3;

constexpr uint32_t fpgaio_led0 = 0x40028000;  // AN385, 4.7: the wake line is LED 0

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

/// Of the Cortex-M System Design Kit: its warning is the NMI, which starts again; should that fail,
/// it resets the board as long after.
struct Mps2Watchdog : NoWatchdog {
  static void start() {
    reg(watchdog_load) = 5 * timer_hz;
    reg(watchdog_ctrl) = watchdog_warns_then_resets;
  }
  static void feed() { reg(watchdog_intclear) = 1; }
  static void stop() { reg(watchdog_ctrl) = 0; }
};

struct Mps2 {
  using Watchdog = Mps2Watchdog;
  static constexpr link::Core core = link::Core::HALTERE_CORE;
  static constexpr uint32_t tick_hz = timer_hz;
  static constexpr uint8_t window_frames = 8;
  static constexpr uint32_t content_bytes = 4096;
  static constexpr uint32_t ring_bytes = 8192;
  static constexpr uint32_t arena_bytes = 64 * 1024;
  static constexpr uint32_t slot_bytes = 512 * 1024;
  static constexpr uint32_t page_bytes = 4096;

  static const uint8_t* slots() { return &slot_memory; }
  static void start_timer();
  static void start_uart();
  static void resume_receiving();
  static void write_uart(void* context, const uint8_t* bytes, size_t count);
  // Emulated only: whoever runs it may.
  static bool may_enroll(void* /*context*/) { return true; }
  static uint32_t ticks(void* /*context*/) { return 0xFFFFFFFF - reg(timer0_value); }
  static bool erase_page(void* context, uint32_t offset);
  static bool write_slot(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
  static void start_sample_timer(uint32_t period_ticks);
  static void stop_sample_timer() { reg(timer1_ctrl) = 0; }
};

WaveSensor<Mps2> wave;

struct Mps2Senses {
  static constexpr uint32_t stream_bytes = 1024;
  static Sensor sensor() { return wave.sensor(); }
  static bool sample_waits() { return wave.sample_waits(); }
  static void wake(void* /*context*/, bool raised) { reg(fpgaio_led0) = raised ? 1 : 0; }
};

Port<Mps2, Mps2Senses> port;

void Mps2::start_timer() {
  reg(timer0_ctrl) = 0;
  reg(timer0_reload) = 0xFFFFFFFF;
  reg(timer0_value) = 0xFFFFFFFF;
  reg(timer0_ctrl) = 1;
}

void Mps2::start_sample_timer(uint32_t period_ticks) {
  reg(timer1_ctrl) = 0;
  reg(timer1_reload) = period_ticks - 1;
  reg(timer1_value) = period_ticks - 1;
  reg(timer1_intclear) = 1;
  reg(timer1_ctrl) = timer_runs_and_interrupts;
  enable_interrupt(timer1_interrupt);
}

void Mps2::start_uart() {
  reg(uart0_bauddiv) = bauddiv_115200;
  reg(uart0_ctrl) = ctrl_tx_rx | ctrl_rx_interrupt;
  enable_interrupt(uart0_receive_interrupt);
}

void Mps2::write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((reg(uart0_state) & state_tx_full) != 0) {
    }
    reg(uart0_data) = bytes[i];
  }
}

void receive_byte() {
  if ((reg(uart0_state) & state_rx_overrun) != 0) {
    reg(uart0_state) = state_rx_overrun;
    port.count_overrun();
  }
  port.receive(static_cast<uint8_t>(reg(uart0_data)));
}

void Mps2::resume_receiving() {
  while ((reg(uart0_state) & state_rx_full) != 0 && port.has_room()) receive_byte();
  reg(uart0_ctrl) = ctrl_tx_rx | ctrl_rx_interrupt;
}

bool Mps2::erase_page(void* /*context*/, uint32_t offset) {
  memset(&slot_memory + offset, 0xFF, page_bytes);
  return true;
}

bool Mps2::write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  uint8_t* place = &slot_memory + offset;
  for (uint32_t i = 0; i < count; ++i) place[i] = static_cast<uint8_t>(place[i] & bytes[i]);
  return true;
}

// Called by the interrupt: takes what is there, or pauses when there is no room.
void on_receive_interrupt() {
  reg(uart0_intclear) = intclear_rx;
  while ((reg(uart0_state) & state_rx_full) != 0) {
    if (!port.has_room()) {
      port.pause();
      reg(uart0_ctrl) = ctrl_tx_rx;
      return;
    }
    receive_byte();
  }
}

__attribute__((section(".vectors"), used)) const Vectors<> vectors = vectors_with(
    {uart0_receive_interrupt, uart0_receive_handler}, {timer1_interrupt, timer1_handler});

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void uart0_receive_handler() { haltere::firmware::on_receive_interrupt(); }

// It only ends sleep.
extern "C" void timer1_handler() { haltere::firmware::reg(haltere::firmware::timer1_intclear) = 1; }

int main() { haltere::firmware::port.run(); }
