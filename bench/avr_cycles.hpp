#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace haltere::bench {

struct AvrCycles {
  std::uint64_t load = 0;
  std::uint64_t inference = 0;
};

/// Cycles of an ATmega328P (simavr) with the image inference_avr.hex, which finds the `bundle` in
/// its flash. Nothing when it does not fit or fails its self-test.
std::optional<AvrCycles> avr_cycles(const std::string& image, std::span<const std::uint8_t> bundle);

}  // namespace haltere::bench
