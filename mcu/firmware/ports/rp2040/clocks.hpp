#pragma once

#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"

namespace haltere {
namespace firmware {

// Aliases of each register (RP2040 datasheet 2.1.2): writing there sets or clears bits.
inline volatile uint32_t& set_bits(uint32_t address) { return reg(address + 0x2000); }
inline volatile uint32_t& clear_bits(uint32_t address) { return reg(address + 0x3000); }

/// RESETS (datasheet 2.14): bits of what a port uses.
constexpr uint32_t reset_io_bank0 = 1u << 5;
constexpr uint32_t reset_pads_bank0 = 1u << 8;
constexpr uint32_t reset_pll_sys = 1u << 12;
constexpr uint32_t reset_timer = 1u << 21;
constexpr uint32_t reset_uart0 = 1u << 22;

inline void wait_for(uint32_t address, uint32_t bits) {
  while ((reg(address) & bits) != bits) {
  }
}

inline void end_reset(uint32_t bits) {
  constexpr uint32_t resets_reset = 0x4000C000;
  constexpr uint32_t resets_done = 0x4000C008;
  clear_bits(resets_reset) = bits;
  wait_for(resets_done, bits);
}

/// The Pico's 12 MHz crystal (datasheet 2.16), by the PLL (2.18) to 125 MHz for the core and what
/// hangs on it, and a tick each microsecond for the timer (4.7.2). Also after a reset of the core
/// alone, when all this runs already.
class Rp2040Clocks {
 public:
  static constexpr uint32_t system_hz = 125000000;

  static void start() {
    clear_bits(clk_sys_ctrl) = 1;
    wait_for(clk_sys_selected, 1u << 0);
    clear_bits(clk_ref_ctrl) = 3;
    wait_for(clk_ref_selected, 1u << 0);
    start_crystal();
    reg(clk_ref_ctrl) = ref_from_crystal;
    wait_for(clk_ref_selected, 1u << ref_from_crystal);
    start_pll();
    reg(clk_sys_ctrl) = sys_from_pll;
    wait_for(clk_sys_selected, 1u << sys_from_pll);
    reg(clk_peri_ctrl) = 1u << 11;  // on, from the system's clock
    reg(watchdog_tick) = crystal_mhz | 1u << 9;
  }

 private:
  static constexpr uint32_t clk_ref_ctrl = 0x40008030;
  static constexpr uint32_t clk_ref_selected = 0x40008038;
  static constexpr uint32_t clk_sys_ctrl = 0x4000803C;
  static constexpr uint32_t clk_sys_selected = 0x40008044;
  static constexpr uint32_t clk_peri_ctrl = 0x40008048;
  static constexpr uint32_t ref_from_crystal = 2;
  static constexpr uint32_t sys_from_pll = 1;
  static constexpr uint32_t watchdog_tick = 0x4005802C;
  static constexpr uint32_t crystal_mhz = 12;

  static void start_crystal() {
    constexpr uint32_t xosc_ctrl = 0x40024000;
    constexpr uint32_t xosc_status = 0x40024004;
    constexpr uint32_t xosc_startup = 0x4002400C;
    constexpr uint32_t up_to_15_mhz = 0xAA0;
    constexpr uint32_t enable = 0xFABu << 12;
    reg(xosc_startup) = crystal_mhz * 1000 / 256 + 1;  // 1 ms
    reg(xosc_ctrl) = up_to_15_mhz | enable;
    wait_for(xosc_status, 1u << 31);
  }

  // 12 MHz times 125, by 6 and by 2.
  static void start_pll() {
    constexpr uint32_t resets_reset = 0x4000C000;
    constexpr uint32_t pll_cs = 0x40028000;
    constexpr uint32_t pll_pwr = 0x40028004;
    constexpr uint32_t pll_fbdiv = 0x40028008;
    constexpr uint32_t pll_prim = 0x4002800C;
    constexpr uint32_t power_down = 1u << 0;
    constexpr uint32_t divider_down = 1u << 3;
    constexpr uint32_t oscillator_down = 1u << 5;
    set_bits(resets_reset) = reset_pll_sys;
    end_reset(reset_pll_sys);
    reg(pll_cs) = 1;
    reg(pll_fbdiv) = 125;
    clear_bits(pll_pwr) = power_down | oscillator_down;
    wait_for(pll_cs, 1u << 31);
    reg(pll_prim) = 6u << 16 | 2u << 12;
    clear_bits(pll_pwr) = divider_down;
  }
};

}  // namespace firmware
}  // namespace haltere
