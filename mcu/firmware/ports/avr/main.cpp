// ATmega2560 at 16 MHz, as on the Arduino Mega 2560. USART0 is the link; models lie in the flash
// window at 0x28000. Sections: ATmega640/1280/1281/2560/2561 data sheet, 2549Q: USART 22, timer 1
// 17, self-programming 29, watchdog 12.
#include <avr/boot.h>
#include <avr/io.h>
#include <stdint.h>

#include "mcu/firmware/ports/shared/port.hpp"
#include "models/kernels/flash_window_avr.h"

int main();

// Two erased bytes where the window begins: no program that reaches into it can be linked.
extern "C" {
extern const uint16_t haltere_models;
__attribute__((section(".models"), used)) const uint16_t haltere_models = 0xFFFF;
}

namespace haltere {
namespace firmware {
namespace {

constexpr uint32_t clock_hz = 16000000;
constexpr uint32_t flash_of_window = 0x20000;               // what lies at 0x8000 is at 0x28000
constexpr uint8_t ubrr_115200 = clock_hz / 8 / 115200 - 1;  // double speed, table 22-12: +2.1 %

// What MCUSR said; written before variables are cleared.
__attribute__((section(".noinit"))) uint8_t reset_flags;

struct Mega2560Watchdog : NoWatchdog {
  static void start() { wdt_enable(WDTO_8S); }
  static void feed() { wdt_reset(); }  // in sleep timer 1 ends that soon enough
  static bool caused_reset() { return (reset_flags & 1U << WDRF) != 0; }
};

struct Mega2560 {
  using Watchdog = Mega2560Watchdog;
  static constexpr link::Core core = link::Core::avr;
  static constexpr uint32_t tick_hz = clock_hz / 8;
  static constexpr uint8_t window_frames = 2;
  static constexpr uint32_t content_bytes = 508;
  static constexpr uint32_t ring_bytes = 2048;
  static constexpr uint32_t arena_bytes = 2048;
  static constexpr uint32_t page_bytes = SPM_PAGESIZE;
  // The window less two pages of vault each.
  static constexpr uint32_t vault_part_bytes = page_bytes;
  static constexpr uint32_t slot_bytes = (0x8000 - 2 * vault_part_bytes) / 2;

  static const uint8_t* slots() { return reinterpret_cast<const uint8_t*>(HALTERE_FLASH_WINDOW); }
  static void start_timer();
  static void start_uart();
  static void resume_receiving() { UCSR0B |= 1U << RXCIE0; }
  static void write_uart(void* context, const uint8_t* bytes, size_t count);
  static uint32_t ticks(void* context);
  static bool may_enroll(void* context);
  static bool erase_page(void* context, uint32_t offset);
  static bool write_slot(void* context, uint32_t offset, const uint8_t* bytes, uint32_t count);
};

Port<Mega2560> port;
volatile uint16_t timer_wraps = 0;

void Mega2560::start_timer() {
  TCCR1B = 1U << CS11;  // an eighth of the clock
  TIMSK1 = 1U << TOIE1;
}

void Mega2560::start_uart() {
  UCSR0A = 1U << U2X0;
  UBRR0 = ubrr_115200;
  UCSR0B = 1U << RXEN0 | 1U << TXEN0 | 1U << RXCIE0;
  SMCR = 1U << SE;  // sleep is the idle mode: UART and timer run on
  sei();
}

void Mega2560::write_uart(void* /*context*/, const uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    while ((UCSR0A & 1U << UDRE0) == 0) {
    }
    UDR0 = bytes[i];
  }
}

uint32_t Mega2560::ticks(void* /*context*/) {
  const InterruptLock lock;
  uint16_t low = TCNT1;
  uint16_t high = timer_wraps;
  if ((TIFR1 & 1U << TOV1) != 0) {  // wrapped, not counted yet
    low = TCNT1;
    ++high;
  }
  return static_cast<uint32_t>(high) << 16 | low;
}

// Digital pin 2 (PE4) to ground.
bool Mega2560::may_enroll(void* /*context*/) {
  PORTE |= 1U << PORTE4;
  return (PINE & 1U << PINE4) == 0;
}

inline __attribute__((always_inline)) void receive_byte() {
  if ((UCSR0A & 1U << DOR0) != 0) port.count_overrun();
  port.receive(UDR0);
}

// Only the boot section may write flash, and nothing else can be read meanwhile, the interrupts'
// code neither: what comes in those 4.5 ms is taken here.
inline __attribute__((always_inline)) void wait_for_flash() {
  bool busy = true;
  while (busy) {
    busy = boot_spm_busy();
    // All of it, once more at the end: simavr forgets the interrupt of a byte behind one that was
    // taken without.
    while ((UCSR0A & 1U << RXC0) != 0 && port.has_room()) receive_byte();
  }
}

__attribute__((section(".bootloader"), noinline)) void erase(uint32_t page) {
  boot_page_erase(page);
  wait_for_flash();
  boot_rww_enable();
}

/// Writes the page from its buffer.
__attribute__((section(".bootloader"), noinline)) void program(uint32_t page) {
  boot_page_write(page);
  wait_for_flash();
  boot_rww_enable();
}

__attribute__((section(".bootloader"), noinline)) void fill(uint32_t place, uint16_t word) {
  boot_page_fill(place, word);
}

bool Mega2560::erase_page(void* /*context*/, uint32_t offset) {
  const InterruptLock lock;
  erase(flash_of_window + HALTERE_FLASH_WINDOW + offset);
  return true;
}

// A page is written as a whole: what it has already is written again, which changes nothing.
bool write_in_page(uint32_t page, uint16_t first, const uint8_t* bytes, uint16_t count) {
  const InterruptLock lock;
  const uint8_t* present = Mega2560::slots() + page;
  const uint32_t place = flash_of_window + HALTERE_FLASH_WINDOW + page;
  for (uint16_t i = 0; i < SPM_PAGESIZE; i += 2) {
    const bool fresh = i >= first && i < first + count;
    link::ByteReader reader(fresh ? bytes + (i - first) : present + i, 2);
    fill(place + i, reader.u16());
  }
  program(place);
  return true;
}

bool Mega2560::write_slot(void* /*context*/, uint32_t offset, const uint8_t* bytes,
                          uint32_t count) {
  while (count > 0) {
    const auto first = static_cast<uint16_t>(offset % page_bytes);
    const uint32_t room = page_bytes - first;
    const auto part = static_cast<uint16_t>(count < room ? count : room);
    if (!write_in_page(offset - first, first, bytes, part)) return false;
    offset += part;
    bytes += part;
    count -= part;
  }
  return true;
}

void on_receive_interrupt() {
  while ((UCSR0A & 1U << RXC0) != 0) {
    if (!port.has_room()) {
      port.pause();
      UCSR0B &= static_cast<uint8_t>(~(1U << RXCIE0));
      return;
    }
    receive_byte();
  }
}

}  // namespace
}  // namespace firmware
}  // namespace haltere

ISR(USART0_RX_vect) { haltere::firmware::on_receive_interrupt(); }
ISR(TIMER1_OVF_vect) { haltere::firmware::timer_wraps = haltere::firmware::timer_wraps + 1; }

// A watchdog that caused the reset goes on counting, at its shortest time: off, first of all.
__attribute__((naked, used, section(".init3"))) void stop_watchdog();
void stop_watchdog() {
  haltere::firmware::reset_flags = MCUSR;
  MCUSR = 0;
  wdt_disable();
}

int main() { haltere::firmware::port.run(); }
