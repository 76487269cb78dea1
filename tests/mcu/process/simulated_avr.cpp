#include "tests/mcu/process/simulated_avr.hpp"

#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_hex.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

// The simulator keeps what a part is made of for good: no leak of ours.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the sanitizer's name
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libsimavr"; }

namespace haltere::fakes {
namespace {

constexpr std::uint32_t clock_hz = 16000000;
constexpr avr_io_addr_t gpior0 = 0x3E;

// What RAM holds at power-up, so that what is written shows.
constexpr std::uint8_t paint = 0xC5;

std::span<std::uint8_t> ram_of(avr_t* avr) {
  return std::span(avr->data, avr->ramend + 1U).subspan(avr->ioend + 1U);
}

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "simavr: %s\n", what.c_str());
  std::abort();
}

void load(avr_t* avr, const std::string& image) {
  ihex_chunk_t* chunks = nullptr;
  const int count = read_ihex_chunks(image.c_str(), &chunks);
  if (count <= 0) give_up("cannot load " + image);
  for (int i = 0; i < count; ++i) {
    const ihex_chunk_t& chunk = chunks[i];
    if (chunk.baseaddr + chunk.size > avr->flashend + 1) give_up(image + " is too large");
    std::copy_n(chunk.data, chunk.size, avr->flash + chunk.baseaddr);
  }
  free_ihex_chunks(chunks);
  avr->codeend = avr->flashend;
  avr->frequency = clock_hz;
}

}  // namespace

SimulatedAvr::SimulatedAvr(const std::string& part, const std::string& image) {
  avr_ = avr_make_mcu_by_name(part.c_str());
  if (avr_ == nullptr) give_up("no part " + part);
  avr_->log = LOG_ERROR;
  avr_init(avr_);
  load(avr_, image);
  std::ranges::fill(ram_of(avr_), paint);
  // Asleep it only lets its own time pass.
  avr_->sleep = [](avr_t*, avr_cycle_count_t) {};
  std::uint32_t no_flags = 0;
  avr_ioctl(avr_, AVR_IOCTL_UART_SET_FLAGS('0'), &no_flags);
  const auto uart = [this](int irq) {
    return avr_io_getirq(avr_, AVR_IOCTL_UART_GETIRQ('0'), irq);
  };
  input_ = uart(UART_IRQ_INPUT);
  avr_irq_register_notify(
      uart(UART_IRQ_OUTPUT),
      [](avr_irq_t*, std::uint32_t value, void* self) {
        auto& sent = static_cast<SimulatedAvr*>(self)->sent_;
        if (sent) sent(static_cast<std::uint8_t>(value));
      },
      this);
  avr_irq_register_notify(
      uart(UART_IRQ_OUT_XON),
      [](avr_irq_t*, std::uint32_t, void* self) {
        static_cast<SimulatedAvr*>(self)->can_receive_ = true;
      },
      this);
  avr_irq_register_notify(
      uart(UART_IRQ_OUT_XOFF),
      [](avr_irq_t*, std::uint32_t, void* self) {
        static_cast<SimulatedAvr*>(self)->can_receive_ = false;
      },
      this);
  avr_register_io_write(
      avr_, gpior0,
      [](avr_t*, avr_io_addr_t, std::uint8_t value, void* self) {
        auto& marked = static_cast<SimulatedAvr*>(self)->marked_;
        if (marked) marked(value);
      },
      this);
}

SimulatedAvr::~SimulatedAvr() {
  avr_terminate(avr_);
  std::free(avr_);
}

bool SimulatedAvr::run(std::uint64_t cycles) {
  const std::uint64_t end = avr_->cycle + cycles;
  while (avr_->cycle < end) {
    const int state = avr_run(avr_);
    if (state == cpu_Done || state == cpu_Crashed) return false;
  }
  return true;
}

void SimulatedAvr::reset() {
  avr_reset(avr_);
  can_receive_ = true;
}

std::uint64_t SimulatedAvr::cycle() const { return avr_->cycle; }

std::span<std::uint8_t> SimulatedAvr::flash() { return {avr_->flash, avr_->flashend + 1U}; }

std::size_t SimulatedAvr::untouched_ram() const {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const std::uint8_t byte : ram_of(avr_)) {
    run = byte == paint ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

void SimulatedAvr::hang() {
  constexpr std::array<std::uint8_t, 2> jump_to_itself{0xFF, 0xCF};
  const auto program = flash();
  const auto found =
      std::search(program.begin(), program.end(), jump_to_itself.begin(), jump_to_itself.end());
  if (found == program.end()) give_up("no endless loop in the image");
  avr_->pc = static_cast<avr_flashaddr_t>(found - program.begin());
}

void SimulatedAvr::drive_pin(char port, int number, bool high) {
  // Stronger than the port's own pull-up, which raises the pin anew whenever it is written.
  avr_ioport_external_t pull{};
  pull.name = static_cast<unsigned>(port) & 0x7FU;
  pull.mask = 1U << static_cast<unsigned>(number) & 0xFFU;
  pull.value = high ? 0xFFU : 0U;
  const auto name = static_cast<unsigned char>(port);
  avr_ioctl(avr_, AVR_IOCTL_IOPORT_SET_EXTERNAL(name), &pull);
  avr_raise_irq(avr_io_getirq(avr_, AVR_IOCTL_IOPORT_GETIRQ(name), number), high ? 1 : 0);
}

void SimulatedAvr::on_mark(std::function<void(std::uint8_t)> listener) {
  marked_ = std::move(listener);
}

void SimulatedAvr::on_sent(std::function<void(std::uint8_t)> listener) {
  sent_ = std::move(listener);
}

void SimulatedAvr::receive(std::uint8_t byte) { avr_raise_irq(input_, byte); }

}  // namespace haltere::fakes
