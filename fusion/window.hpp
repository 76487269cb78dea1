#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "config/result.hpp"
#include "fusion/filter.hpp"
#include "models/kernels/recipe.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

/// Fusion platform `window`.
extern const FilterType window_type;

/// What a window cuts from the stream and computes.
struct WindowSettings {
  double length_s = 0.0;  ///< 0: `length_samples` counts
  std::size_t length_samples = 0;
  double step_s = 0.0;           ///< 0: `step_samples` counts
  std::size_t step_samples = 0;  ///< both 0: as long as the window
  std::vector<kernels::FeatureSpec> features;
};

/// Sliding window over aligned rows, computing features with the microcontroller's kernels. A
/// window never spans the start of a segment. Allocates only in `create`.
class Window final : public Filter {
 public:
  /// `row` describes the rows; names of channels are cut to 16 bytes in the recipe. With an unknown
  /// rate durations and band powers are invalid. Errors: invalid, saying which setting and why.
  [[nodiscard]] static Result<std::unique_ptr<Window>> create(const WindowSettings& settings,
                                                              const sensors::Layout& row);

  /// Adds `row`. True when a window is complete: `output` then holds its features, in the order of
  /// kernels::evaluate_recipe, until the next call.
  bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) override;

  [[nodiscard]] std::span<const float> output() const override { return features_; }
  [[nodiscard]] std::span<const std::uint8_t> recipe() const override { return recipe_; }

  [[nodiscard]] sensors::TimeNs first_time_ns() const;  ///< of the window's oldest row
  [[nodiscard]] sensors::TimeNs last_time_ns() const;   ///< of its newest row

  /// The recipe, opened.
  [[nodiscard]] const kernels::RecipeView& view() const { return view_; }

  /// Names of the features: "mean(ax)", "band_power2(gz)"; rate of windows.
  [[nodiscard]] sensors::Layout layout() const;

 private:
  Window() = default;

  std::vector<std::uint8_t> recipe_;
  kernels::RecipeView view_{};
  std::vector<float> rows_;  // [channel][2 N]: each value twice, N apart: the newest N lie in a row
  std::vector<sensors::TimeNs> times_;  // [N] ring
  std::vector<float> features_;
  std::vector<float> scratch_;
  std::size_t next_ = 0;  // slot in 0..N-1 of the next row
  std::size_t due_ = 0;   // rows until the next window is complete
};

}  // namespace haltere::fusion
