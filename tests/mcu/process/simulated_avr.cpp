#include "tests/mcu/process/simulated_avr.hpp"

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_hex.h>

#include <algorithm>
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

void SimulatedAvr::on_mark(std::function<void(std::uint8_t)> listener) {
  marked_ = std::move(listener);
}

void SimulatedAvr::on_sent(std::function<void(std::uint8_t)> listener) {
  sent_ = std::move(listener);
}

void SimulatedAvr::receive(std::uint8_t byte) { avr_raise_irq(input_, byte); }

}  // namespace haltere::fakes
