#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "fusion/window.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

/// What is wrong with a window's settings, and where.
struct WindowProblem {
  std::string_view key;
  std::size_t index = 0;  ///< item of that setting's list
  std::string message;
};

/// What is wrong with `feature` in windows of `samples`; empty = nothing.
[[nodiscard]] std::string check_feature(const kernels::FeatureSpec& feature, std::size_t samples,
                                        double rate_hz);

/// The first thing that is wrong with a window of `settings` over rows like `row`.
[[nodiscard]] std::optional<WindowProblem> check_window(const WindowSettings& settings,
                                                        const sensors::Layout& row);

struct WindowExtent {
  std::size_t samples = 0;  ///< N
  std::size_t step = 0;     ///< samples from one window to the next
};

/// What the durations of `settings` mean at `rate_hz`.
[[nodiscard]] WindowExtent window_extent(const WindowSettings& settings, double rate_hz);

/// Samples of a window before the event that it is cut about.
[[nodiscard]] std::size_t samples_before(const WindowSettings& settings, double rate_hz);

}  // namespace haltere::fusion
