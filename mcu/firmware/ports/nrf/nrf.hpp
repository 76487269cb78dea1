#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/ports/shared/port.hpp"
#include "mcu/link/bytes.hpp"

extern "C" {
extern const uint8_t slot_memory;
}

namespace haltere {
namespace firmware {

/// It pauses in sleep. nRF51 Series Reference Manual 3.0, WDT (25), POWER (12); nRF52840 Product
/// Specification 1.8, WDT (6.36), POWER (5.3).
struct NrfWatchdog : NoWatchdog {
  static void start() {
    constexpr uint32_t crystal_hz = 32768;
    reg(wdt + 0x50C) = 0;  // CONFIG: not in sleep, not under a debugger
    reg(wdt + 0x504) = 8 * crystal_hz - 1;
    reg(wdt) = 1;
  }
  static void feed() { reg(wdt + 0x600) = 0x6E524635; }
  static bool caused_reset() {
    constexpr uint32_t by_watchdog = 1u << 1;
    const uint32_t reasons = reg(power_resetreas);
    reg(power_resetreas) = reasons;
    return (reasons & by_watchdog) != 0;
  }

 private:
  static constexpr uint32_t wdt = 0x40010000;
  static constexpr uint32_t power_resetreas = 0x40000400;
};

/// What the boards with an nRF51 or nRF52 share: UART, TIMER0 and NVMC lie at the same addresses in
/// both. nRF51 Series Reference Manual 3.0, chapters NVMC (6), TIMER (18), UART (29); nRF52840
/// Product Specification 1.8, NVMC (4.3), UART (6.33), TIMER (6.30), CLOCK (5.4). `Board`, whose
/// base this is, has txd_select and rxd_select, values of PSEL.
template <typename Board>
class Nrf {
 public:
  using Watchdog = NrfWatchdog;
  static constexpr uint32_t tick_hz = 16000000;
  static constexpr uint32_t uart_interrupt = 2;
  static constexpr uint32_t timer0_interrupt = 8;

  static const uint8_t* slots() { return &slot_memory; }

  static void start_timer() {
    reg(clock_hfclkstart) = 1;  // the UART wants the crystal
    reg(timer0_bitmode) = bitmode_32;
    reg(timer0_prescaler) = 0;
    reg(timer0_start) = 1;
  }

  static uint32_t ticks(void* /*context*/) {
    reg(timer0_capture0) = 1;
    return reg(timer0_cc0);
  }

  static void start_sample_timer(uint32_t period_ticks) {
    sample_period = period_ticks;
    reg(timer0_cc1) = ticks(nullptr) + period_ticks;
    reg(timer0_compare1) = 0;
    reg(timer0_intenset) = intenset_compare1;
    enable_interrupt(timer0_interrupt);
  }

  static void stop_sample_timer() { reg(timer0_intenclr) = intenset_compare1; }

  /// Ends sleep, and does so again a period later; also when it was held up for longer than that,
  /// as a page erase does.
  static void on_timer_interrupt() {
    constexpr int32_t soonest = 64;
    reg(timer0_compare1) = 0;
    uint32_t next = reg(timer0_cc1) + sample_period;
    const uint32_t now = ticks(nullptr);
    if (static_cast<int32_t>(next - now) < soonest) next = now + sample_period;
    reg(timer0_cc1) = next;
  }

  static void start_uart() {
    reg(uart_pseltxd) = Board::txd_select;
    reg(uart_pselrxd) = Board::rxd_select;
    reg(uart_baudrate) = baudrate_115200;
    reg(uart_enable) = enable_uart;
    reg(uart_starttx) = 1;
    reg(uart_startrx) = 1;
    reg(uart_intenset) = intenset_rxdrdy;
    enable_interrupt(uart_interrupt);
  }

  static void resume_receiving() { reg(uart_intenset) = intenset_rxdrdy; }

  static void write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      reg(uart_txdrdy) = 0;
      reg(uart_txd) = bytes[i];
      while (reg(uart_txdrdy) == 0) {
      }
    }
  }

  template <typename Port>
  static void on_uart_interrupt(Port& port) {
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

  static bool erase_page(void* /*context*/, uint32_t offset) {
    reg(nvmc_config) = config_erase;
    wait_for_flash();
    reg(nvmc_erasepage) = slot_address(offset);
    wait_for_flash();
    reg(nvmc_config) = config_read;
    return true;
  }

  static bool write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
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

 private:
  static constexpr uint32_t clock_hfclkstart = 0x40000000;

  static constexpr uint32_t uart_startrx = 0x40002000;
  static constexpr uint32_t uart_starttx = 0x40002008;
  static constexpr uint32_t uart_rxdrdy = 0x40002108;
  static constexpr uint32_t uart_txdrdy = 0x4000211C;
  static constexpr uint32_t uart_error = 0x40002124;
  static constexpr uint32_t uart_intenset = 0x40002304;
  static constexpr uint32_t uart_intenclr = 0x40002308;
  static constexpr uint32_t uart_errorsrc = 0x40002480;
  static constexpr uint32_t uart_enable = 0x40002500;
  static constexpr uint32_t uart_pseltxd = 0x4000250C;
  static constexpr uint32_t uart_pselrxd = 0x40002514;
  static constexpr uint32_t uart_rxd = 0x40002518;
  static constexpr uint32_t uart_txd = 0x4000251C;
  static constexpr uint32_t uart_baudrate = 0x40002524;
  static constexpr uint32_t intenset_rxdrdy = 1u << 2;
  static constexpr uint32_t enable_uart = 4;
  static constexpr uint32_t baudrate_115200 = 0x01D7E000;

  static constexpr uint32_t timer0_start = 0x40008000;
  static constexpr uint32_t timer0_capture0 = 0x40008040;
  static constexpr uint32_t timer0_compare1 = 0x40008144;
  static constexpr uint32_t timer0_intenset = 0x40008304;
  static constexpr uint32_t timer0_intenclr = 0x40008308;
  static constexpr uint32_t timer0_bitmode = 0x40008508;
  static constexpr uint32_t timer0_prescaler = 0x40008510;
  static constexpr uint32_t timer0_cc0 = 0x40008540;
  static constexpr uint32_t timer0_cc1 = 0x40008544;
  static constexpr uint32_t intenset_compare1 = 1u << 17;
  static constexpr uint32_t bitmode_32 = 3;

  static constexpr uint32_t nvmc_ready = 0x4001E400;
  static constexpr uint32_t nvmc_config = 0x4001E504;
  static constexpr uint32_t nvmc_erasepage = 0x4001E508;
  static constexpr uint32_t config_read = 0;
  static constexpr uint32_t config_write = 1;
  static constexpr uint32_t config_erase = 2;

  static void wait_for_flash() {
    while (reg(nvmc_ready) == 0) {
    }
  }

  static uint32_t slot_address(uint32_t offset) {
    return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&slot_memory)) + offset;
  }

  static uint32_t sample_period;
};

template <typename Board>
uint32_t Nrf<Board>::sample_period;

}  // namespace firmware
}  // namespace haltere
