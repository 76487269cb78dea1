#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "config/settings.hpp"
#include "models/kernels/recipe.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

/// Settings of fusion platform `window`.
extern const config::Component window_component;

/// What a window cuts from the stream and computes.
struct WindowSettings {
  std::vector<std::string> inputs;  ///< streams, in the order of the row's channels
  double length_s = 0.0;            ///< 0: `length_samples` counts
  std::size_t length_samples = 0;
  double step_s = 0.0;           ///< 0: `step_samples` counts
  std::size_t step_samples = 0;  ///< both 0: as long as the window
  std::vector<kernels::FeatureSpec> features;
};

/// Reads a section validated against `window_component`. Problems between settings are added to
/// `diagnostics` with their place.
[[nodiscard]] WindowSettings read_window_settings(const config::Section& section,
                                                  std::vector<config::Diagnostic>& diagnostics);

/// Sliding window over aligned rows, computing features with the microcontroller's kernels. Windows
/// never span the start of a segment. Allocates only in `create`; not for several threads at once.
class Window {
 public:
  /// `channels` describe a row; their names are cut to 16 bytes in the recipe. `rate_hz` 0 =
  /// unknown: then durations and band powers are invalid. Errors: invalid, saying which setting and
  /// why.
  [[nodiscard]] static Result<Window> create(const WindowSettings& settings,
                                             std::span<const sensors::Channel> channels,
                                             double rate_hz);

  /// Adds `row` [channels]. True when a window is complete: features() is then of the newest
  /// window_samples rows, until the next push.
  bool push(sensors::TimeNs time_ns, std::span<const float> row, bool starts_segment);

  [[nodiscard]] std::span<const float> features() const { return features_; }
  [[nodiscard]] sensors::TimeNs first_time_ns() const;  ///< of the window's oldest row
  [[nodiscard]] sensors::TimeNs last_time_ns() const;   ///< of its newest row

  /// Forgets all rows, as a new segment does.
  void reset();

  /// The recipe, for the bundle.
  [[nodiscard]] std::span<const std::uint8_t> recipe() const { return recipe_; }
  [[nodiscard]] const kernels::RecipeView& view() const { return view_; }

 private:
  Window() = default;

  std::vector<std::uint8_t> recipe_;
  kernels::RecipeView view_{};
  std::vector<float>
      rows_;  // [channel][2 N]: every value twice, N apart, so that the newest N are contiguous
  std::vector<sensors::TimeNs> times_;  // [N] ring
  std::vector<float> features_;
  std::vector<float> scratch_;
  std::size_t next_ = 0;   // slot in 0..N-1 of the next row
  std::size_t count_ = 0;  // rows of this segment, up to N
  std::size_t due_ = 0;    // rows until the next window is complete
};

}  // namespace haltere::fusion
