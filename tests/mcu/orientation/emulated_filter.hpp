#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/mcu/orientation/exchange.hpp"

namespace haltere::orientation {

/// An emulated board that the orientation image is built for.
struct FilterBoard {
  const char* name;     ///< of its core
  const char* machine;  ///< as QEMU calls it
  const char* image;    ///< below the folder of firmware images
  double tick_hz;       ///< of SysTick
};

/// Cortex-M0 and M4F.
[[nodiscard]] const std::vector<FilterBoard>& filter_boards();

struct FilterRun {
  std::vector<Answer> answers;  ///< one per sample
  Cost cost{};
};

/// The image on `board`, emulated, over `samples`; nothing when it did not come to its end. With
/// -icount: ticks are those of 64 ns per instruction.
[[nodiscard]] std::optional<FilterRun> run_emulated(const FilterBoard& board,
                                                    const std::string& images,
                                                    const std::vector<Sample>& samples);

/// The same filter on this machine.
[[nodiscard]] std::vector<Answer> run_here(const std::vector<Sample>& samples);

/// `seconds` of a board that rests, then turns about changing axes: all sensors at 100 Hz, with
/// noise, a gyroscope's errors and a magnet that comes and goes.
[[nodiscard]] std::vector<Sample> moving_samples(double seconds);

/// The worst that sensors and buses do: not numbers, late and repeated stamps, gaps, saturation.
[[nodiscard]] std::vector<Sample> hostile_samples(std::size_t count, unsigned seed);

}  // namespace haltere::orientation
