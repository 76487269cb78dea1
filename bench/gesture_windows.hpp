#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "learner/model_settings.hpp"

namespace haltere::bench {

/// Every window of a recording as a pipeline's first model gets it, without any learning.
struct GestureWindows {
  learner::ModelSettings settings;  ///< of that model
  std::vector<std::uint8_t> recipe;
  std::size_t inputs = 0;
  std::vector<float> features;  ///< [count][inputs]
  std::vector<int> labels;      ///< [count]

  [[nodiscard]] std::span<const float> row(std::size_t index) const {
    return std::span(features).subspan(index * inputs, inputs);
  }
};

/// Takes `recording` through the pipeline of `file`. Errors: of either.
[[nodiscard]] Result<GestureWindows> read_gesture_windows(const std::string& file,
                                                          const std::string& recording);

}  // namespace haltere::bench
