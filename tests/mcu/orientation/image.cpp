// The orientation filter alone on an emulated Cortex-M: reads samples from one file of the machine
// that emulates it, writes to another what the filter says after each, and at the end what it took.
#include <stddef.h>

#include "mcu/firmware/ports/cortex_m/vectors.hpp"
#include "tests/mcu/orientation/exchange.hpp"
#include "tests/mcu/semihosting.hpp"

extern "C" int main();

namespace haltere {
namespace orientation {
namespace {

using namespace semihosting;
using fusion::ahrs::AhrsCore;
using fusion::ahrs::Plateaus;
using fusion::ahrs::Settings;

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

// Not inlined either: what it keeps on the stack is part of it.
__attribute__((noinline)) bool taken(AhrsCore& filter, Plateaus& plateaus, const Sample& sample) {
  return take(filter, plateaus, sample);
}

__attribute__((noinline)) bool measured(AhrsCore& filter, Plateaus& plateaus, const Sample& sample,
                                        Cost& cost) {
  const auto kind = static_cast<uint32_t>(sample.sensor);
  const uint32_t empty = since(ticks());
  paint_stack();
  uint32_t start = ticks();
  const bool used = taken(filter, plateaus, sample);
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
  Plateaus plateaus;
  plateaus.clear();
  Cost cost{};
  cost.filter_bytes = sizeof filter;
  const uint32_t in = open_file(in_name, false);
  const uint32_t out = open_file(out_name, true);
  start_ticks();
  Sample sample{};
  while (read_file(in, &sample, sizeof sample)) {
    const Answer answer = answer_of(filter, measured(filter, plateaus, sample, cost));
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
  haltere::semihosting::leave();
}
