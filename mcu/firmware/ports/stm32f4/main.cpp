// STM32F405/F407, as on the STM32F4DISCOVERY: Cortex-M4F at 168 MHz. USART1 (PA9, PA10) is the
// link, models lie in flash. Reference manual RM0090 rev 19: RCC 7.3, GPIO 8.4, TIM2 18.4,
// USART 30.6, flash 3.
#include <stdint.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"
#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "mcu/firmware/ports/shared/port.hpp"
#if defined(HALTERE_SLOTS_IN_RAM)
#include "mcu/firmware/ports/shared/slots_in_ram.hpp"
#else
#include "mcu/firmware/ports/stm32f4/flash.hpp"
#endif

extern "C" {
extern uint8_t slot_memory;
void usart1_handler();
int main();
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t rcc_cr = 0x40023800;
constexpr uint32_t rcc_pllcfgr = 0x40023804;
constexpr uint32_t rcc_cfgr = 0x40023808;
constexpr uint32_t rcc_ahb1enr = 0x40023830;
constexpr uint32_t rcc_apb1enr = 0x40023840;
constexpr uint32_t rcc_apb2enr = 0x40023844;
constexpr uint32_t hse_on = 1u << 16;
constexpr uint32_t hse_ready = 1u << 17;
constexpr uint32_t pll_on = 1u << 24;
constexpr uint32_t pll_ready = 1u << 25;
constexpr uint32_t pll_from_hse = 1u << 22;
constexpr uint32_t apb1_quarter = 5u << 10;
constexpr uint32_t apb2_half = 4u << 13;
constexpr uint32_t use_pll = 2;
constexpr uint32_t pll_used = 2u << 2;
constexpr uint32_t enable_gpio_a_and_d = 1u << 0 | 1u << 3;
constexpr uint32_t enable_tim2 = 1u << 0;
constexpr uint32_t enable_usart1 = 1u << 4;

constexpr uint32_t flash_acr = 0x40023C00;
constexpr uint32_t five_wait_states_prefetch_and_caches = 5u | 7u << 8;

constexpr uint32_t gpioa = 0x40020000;
constexpr uint32_t gpiod = 0x40020C00;
constexpr uint32_t gpio_moder = 0x00;
constexpr uint32_t gpio_idr = 0x10;
constexpr uint32_t gpio_bsrr = 0x18;
constexpr uint32_t gpio_afrh = 0x24;
constexpr uint32_t pin_button = 0;  // PA0, high while pressed
constexpr uint32_t pin_wake = 12;   // PD12, the green LED

constexpr uint32_t tim2_cr1 = 0x40000000;
constexpr uint32_t tim2_egr = 0x40000014;
constexpr uint32_t tim2_cnt = 0x40000024;
constexpr uint32_t tim2_psc = 0x40000028;
constexpr uint32_t tim2_arr = 0x4000002C;

constexpr uint32_t usart1_sr = 0x40011000;
constexpr uint32_t usart1_dr = 0x40011004;
constexpr uint32_t usart1_brr = 0x40011008;
constexpr uint32_t usart1_cr1 = 0x4001100C;
constexpr uint32_t usart1_interrupt = 37;
constexpr uint32_t sr_overrun = 1u << 3;
constexpr uint32_t sr_received = 1u << 5;
constexpr uint32_t sr_room = 1u << 7;
constexpr uint32_t cr1_on = 1u << 13 | 1u << 3 | 1u << 2;
constexpr uint32_t cr1_receive_interrupt = 1u << 5;

constexpr uint32_t baud = 115200;
constexpr uint32_t reset_hz = 16000000;  // of the internal oscillator

struct Stm32f4 {
  using Watchdog = NoWatchdog;  // the independent one counts on in sleep, for good
  static constexpr link::Core core = link::Core::cortex_m4f;
  static constexpr uint32_t tick_hz = 1000000;
  static constexpr uint32_t content_bytes = 4096;
  static constexpr uint32_t ring_bytes = 8192;
  static constexpr uint8_t window_frames = 8;
#if defined(HALTERE_SLOTS_IN_RAM)
  static constexpr uint32_t arena_bytes = 32 * 1024;
  static constexpr uint32_t page_bytes = 1024;
  static constexpr uint32_t slot_bytes = 23 * 1024;
#else
  static constexpr uint32_t arena_bytes = 64 * 1024;
  static constexpr uint32_t page_bytes = Stm32Flash::sector_bytes;
  static constexpr uint32_t slot_bytes = 2 * page_bytes;  // a sector of records, one of bundle
#endif

  static const uint8_t* slots() { return &slot_memory; }
  static void start_timer();
  static void start_uart();
  static void resume_receiving() { reg(usart1_cr1) = cr1_on | cr1_receive_interrupt; }
  static void write_uart(void* context, const uint8_t* bytes, size_t count);
  static bool may_enroll(void* /*context*/) {
    return (reg(gpioa + gpio_idr) >> pin_button & 1) != 0;
  }
  static uint32_t ticks(void* /*context*/) { return reg(tim2_cnt); }
  static bool erase_page(void* context, uint32_t offset);
  static bool write_slot(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
};

struct Stm32f4Senses : NoSenses {
  static void wake(void* /*context*/, bool raised) {
    reg(gpiod + gpio_bsrr) = 1u << (raised ? pin_wake : pin_wake + 16);
  }
};

Port<Stm32f4, Stm32f4Senses> port;
uint32_t apb2_hz = reset_hz;

bool comes_up(uint32_t ready) {
  for (uint32_t turns = 0; turns < 100000; ++turns) {
    if ((reg(rcc_cr) & ready) != 0) return true;
  }
  return false;
}

// 168 MHz: 2 MHz times 168 by 2, from the 8 MHz crystal or, where that does not swing, from the
// internal 16 MHz. Stays at these when the PLL does not lock, as emulators' do not. Returns the
// timer's clock, twice APB1's.
uint32_t start_clock() {
  reg(rcc_cr) = reg(rcc_cr) | hse_on;
  const bool crystal = comes_up(hse_ready);
  const uint32_t into_2_mhz = crystal ? 4 : 8;
  reg(rcc_pllcfgr) = into_2_mhz | 168u << 6 | (crystal ? pll_from_hse : 0) | 7u << 24;
  reg(rcc_cr) = reg(rcc_cr) | pll_on;
  if (!comes_up(pll_ready)) return reset_hz;
  reg(flash_acr) = five_wait_states_prefetch_and_caches;
  reg(rcc_cfgr) = apb1_quarter | apb2_half | use_pll;
  while ((reg(rcc_cfgr) & pll_used) == 0) {
  }
  apb2_hz = 84000000;
  return 84000000;
}

void start_pins() {
  constexpr uint32_t output = 1;
  constexpr uint32_t alternate = 2;
  constexpr uint32_t usart1_on_pa9_and_pa10 = 7u << 4 | 7u << 8;
  reg(rcc_ahb1enr) = reg(rcc_ahb1enr) | enable_gpio_a_and_d;
  reg(gpioa + gpio_afrh) = usart1_on_pa9_and_pa10;
  // What the debugger has of port A stays.
  reg(gpioa + gpio_moder) =
      (reg(gpioa + gpio_moder) & ~(0xFu << 18)) | alternate << 18 | alternate << 20;
  reg(gpiod + gpio_moder) = output << 2 * pin_wake;
}

void Stm32f4::start_timer() {
  const uint32_t timer_hz = start_clock();
  start_pins();
  reg(rcc_apb1enr) = reg(rcc_apb1enr) | enable_tim2;
  reg(tim2_psc) = timer_hz / tick_hz - 1;
  reg(tim2_arr) = 0xFFFFFFFF;
  reg(tim2_egr) = 1;  // takes the prescaler over
  reg(tim2_cr1) = 1;
}

void Stm32f4::start_uart() {
  reg(rcc_apb2enr) = reg(rcc_apb2enr) | enable_usart1;
  reg(usart1_brr) = (apb2_hz + baud / 2) / baud;
  reg(usart1_cr1) = cr1_on | cr1_receive_interrupt;
  enable_interrupt(usart1_interrupt);
}

void Stm32f4::write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((reg(usart1_sr) & sr_room) == 0) {
    }
    reg(usart1_dr) = bytes[i];
  }
}

#if defined(HALTERE_SLOTS_IN_RAM)
bool Stm32f4::erase_page(void* /*context*/, uint32_t offset) {
  return SlotsInRam::erase(&slot_memory + offset, page_bytes);
}

bool Stm32f4::write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  return SlotsInRam::write(&slot_memory + offset, bytes, count);
}
#else
uint32_t slot_address(uint32_t offset) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(&slot_memory)) + offset;
}

bool Stm32f4::erase_page(void* /*context*/, uint32_t offset) {
  return Stm32Flash::erase(slot_address(offset));
}

bool Stm32f4::write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes, uint32_t count) {
  return Stm32Flash::write(slot_address(offset), bytes, count);
}
#endif

void on_receive_interrupt() {
  const uint32_t state = reg(usart1_sr);
  if ((state & sr_overrun) != 0) port.count_overrun();
  if ((state & (sr_received | sr_overrun)) == 0) return;
  if (!port.has_room()) {
    port.pause();
    reg(usart1_cr1) = cr1_on;
    return;
  }
  const auto byte = static_cast<uint8_t>(reg(usart1_dr));  // ends the overrun too
  if ((state & sr_received) != 0) port.receive(byte);
}

__attribute__((section(".vectors"), used)) const Vectors<usart1_interrupt + 1> vectors =
    vectors_with<usart1_interrupt + 1>(usart1_interrupt, usart1_handler);

}  // namespace
}  // namespace firmware
}  // namespace haltere

extern "C" void usart1_handler() { haltere::firmware::on_receive_interrupt(); }

int main() { haltere::firmware::port.run(); }
