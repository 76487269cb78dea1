// The orientation filter alone on an emulated Cortex-M: reads samples from one file of the machine
// that emulates it, writes to another what the filter says after each, and at the end what it took.
// Arm semihosting (IHI 0074), SysTick as the clock (ARMv6-M and v7-M Architecture Reference
// Manual).
#include <stddef.h>
#include <string.h>

#include "mcu/firmware/ports/cortex_m/core.hpp"
#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "tests/mcu/orientation/exchange.hpp"

extern "C" int main();

namespace haltere {
namespace orientation {
namespace {

using fusion::ahrs::AhrsCore;
using fusion::ahrs::Settings;

constexpr uint32_t systick_control = 0xE000E010;
constexpr uint32_t systick_reload = 0xE000E014;
constexpr uint32_t systick_value = 0xE000E018;
constexpr uint32_t systick_mask = 0xFFFFFF;

// noinline: the registers hold the arguments only at the very instruction.
__attribute__((noinline)) int semihost(uint32_t operation, const void* argument) {
  register uint32_t r0 __asm("r0") = operation;
  register const void* r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return static_cast<int>(r0);
}

uint32_t word(const void* pointer) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer));
}
uint32_t open_file(const char* name, bool to_write) {
  const uint32_t block[3] = {word(name), to_write ? 5U : 1U, static_cast<uint32_t>(strlen(name))};
  return static_cast<uint32_t>(semihost(0x01, block));
}
bool read_file(uint32_t file, void* to, uint32_t bytes) {
  const uint32_t block[3] = {file, word(to), bytes};
  return semihost(0x06, block) == 0;
}
void write_file(uint32_t file, const void* from, uint32_t bytes) {
  const uint32_t block[3] = {file, word(from), bytes};
  semihost(0x05, block);
}
[[noreturn]] void leave() {
  constexpr uint32_t stopped_application_exit = 0x20026;
  semihost(0x18, reinterpret_cast<const void*>(static_cast<uintptr_t>(stopped_application_exit)));
  for (;;) {
  }
}

uint32_t ticks() { return systick_mask - firmware::reg(systick_value); }
uint32_t since(uint32_t start) { return (ticks() - start) & systick_mask; }

// Where the stack has not reached there stays what was painted. Inlined, as they have no frame
// then.
constexpr uint32_t painted_words = 768;
constexpr uint32_t paint = 0xA5A5A5A5;

__attribute__((always_inline)) inline volatile uint32_t* stack_pointer() {
  volatile uint32_t* pointer;
  __asm volatile("mov %0, sp" : "=r"(pointer));
  return pointer;
}
__attribute__((always_inline)) inline void paint_stack() {
  volatile uint32_t* at = stack_pointer();
  for (uint32_t i = 0; i < painted_words; ++i) *--at = paint;
}
__attribute__((always_inline)) inline uint32_t used_stack_bytes() {
  const volatile uint32_t* at = stack_pointer() - painted_words;
  uint32_t left = painted_words;
  for (; left > 0 && *at == paint; --left) ++at;
  return 4 * left;
}

void larger_of(uint32_t* most, uint32_t value) {
  if (value > *most) *most = value;
}

// Not inlined and through memory, so that nothing of it moves past the readings of the clock.
__attribute__((noinline)) void tell(const AhrsCore& filter, fusion::ahrs::Quat* q) {
  *q = filter.orientation();
  __asm volatile("" ::: "memory");
}

__attribute__((noinline)) bool measured(AhrsCore& filter, const Sample& sample, Cost& cost) {
  const auto kind = static_cast<uint32_t>(sample.sensor);
  const uint32_t empty = since(ticks());
  paint_stack();
  uint32_t start = ticks();
  const bool used = take(filter, sample);
  const uint32_t passed = since(start) - empty;
  ++cost.samples[kind];
  cost.ticks[kind] += passed;
  larger_of(&cost.most_ticks, passed);
  if (sample.sensor == Sensor::gyroscope) {
    start = ticks();
    fusion::ahrs::Quat q;
    tell(filter, &q);
    cost.orientation_ticks += since(start) - empty;
    if (!(q.w >= 0)) leave();
  }
  larger_of(&cost.stack_bytes, used_stack_bytes());
  return used;
}

void run(const char* in_name, const char* out_name) {
  static constexpr Settings settings{};  // in flash
  AhrsCore filter(settings);
  Cost cost{};
  cost.filter_bytes = sizeof filter;
  const uint32_t in = open_file(in_name, false);
  const uint32_t out = open_file(out_name, true);
  firmware::reg(systick_reload) = systick_mask;
  firmware::reg(systick_value) = 0;
  firmware::reg(systick_control) = 5;  // the processor's clock, no interrupt
  Sample sample{};
  while (read_file(in, &sample, sizeof sample)) {
    const Answer answer = answer_of(filter, measured(filter, sample, cost));
    write_file(out, &answer, sizeof answer);
  }
  write_file(out, &cost, sizeof cost);
}

__attribute__((section(".vectors"), used)) const firmware::Vectors<> vectors =
    firmware::vectors_with(0, fault_handler);

}  // namespace
}  // namespace orientation
}  // namespace haltere

int main() {
  haltere::orientation::run("in", "out");
  haltere::orientation::leave();
}
