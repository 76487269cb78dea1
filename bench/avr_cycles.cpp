#include "bench/avr_cycles.hpp"

#include <algorithm>
#include <array>

#include "tests/mcu/process/simulated_avr.hpp"

namespace haltere::bench {
namespace {

// As inference_avr.cpp has them: where it looks for the bundle, and what it says when.
constexpr std::size_t bundle_in_flash = 0x4000;
constexpr std::size_t marks = 5;
constexpr std::uint8_t good = 0xFE;

constexpr int longest_seconds = 60;
constexpr std::uint64_t second_cycles = 16'000'000;

}  // namespace

std::optional<AvrCycles> avr_cycles(const std::string& image,
                                    std::span<const std::uint8_t> bundle) {
  fakes::SimulatedAvr avr("atmega328p", image);
  const auto room = avr.flash().subspan(bundle_in_flash);
  if (bundle.size() > room.size()) return std::nullopt;
  std::ranges::copy(bundle, room.begin());
  std::array<std::uint64_t, marks> at{};
  std::uint8_t result = 0;
  avr.on_mark([&](std::uint8_t mark) {
    if (mark < marks) at.at(mark) = avr.cycle();
    if (mark >= good) result = mark;
  });
  for (int second = 0; second < longest_seconds && result == 0; ++second) {
    if (!avr.run(second_cycles)) break;
  }
  if (result != good) return std::nullopt;
  return AvrCycles{.load = at[2] - at[1], .inference = at[4] - at[3]};
}

}  // namespace haltere::bench
