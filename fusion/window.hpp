#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "config/result.hpp"
#include "fusion/filter.hpp"
#include "fusion/window_order.hpp"
#include "fusion/window_sums.hpp"
#include "models/kernels/recipe.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

/// Fusion platform `window`.
extern const FilterType window_type;

/// Events that windows are cut about, instead of sliding.
struct WindowTrigger {
  std::size_t channels =
      0;                  ///< last ones of a row, of which no features are computed; 0: no events
  float above = 0.0F;     ///< an event is when the magnitude of these channels rises above this
  double before_s = 0.0;  ///< of the window before the event's row; 0: `before_samples` counts
  std::size_t before_samples = 0;
};

/// What a window cuts from the stream and computes.
struct WindowSettings {
  double length_s = 0.0;  ///< 0: `length_samples` counts
  std::size_t length_samples = 0;
  double step_s = 0.0;           ///< 0: `step_samples` counts
  std::size_t step_samples = 0;  ///< both 0: as long as the window; with events: at least from one
                                 ///< to the next
  std::vector<kernels::FeatureSpec> features = {};
  kernels::Taper taper = kernels::Taper::hann;  ///< of spectra
  WindowTrigger trigger = {};
};

/// Window over aligned rows, sliding or cut about events, computing features with the
/// microcontroller's kernels, whose bits depend on the window's own samples alone: not on whether
/// one before it overlapped. What overlapped is used again all the same: the order of the samples
/// (WindowOrder), and moments, extremes, changes, slopes and correlations by panes that windows
/// share (WindowSums). What is of another value for each window is found of it whole: about its
/// mean the deviations, crossings and lagged products, under its taper the spectra and tones, from
/// its first sample on the envelopes and wavelets. A window never spans the start of a segment, nor
/// a row with a value that is no finite number. Allocates only in `create`.
class Window final : public Filter {
 public:
  /// `row` describes the rows, without the trigger's channels; names of channels are cut to 16
  /// bytes in the recipe. With an unknown rate durations and band powers are invalid. Errors:
  /// invalid, saying which setting and why.
  [[nodiscard]] static Result<std::unique_ptr<Window>> create(const WindowSettings& settings,
                                                              const sensors::Layout& row);

  /// Adds `row`. True when a window is complete: `output` then holds its features, in the order of
  /// kernels::evaluate_recipe, until the next call.
  bool update(sensors::TimeNs time_ns, bool starts_segment, std::span<const float> row) override;

  [[nodiscard]] std::span<const float> output() const override { return features_; }
  [[nodiscard]] std::span<const std::uint8_t> recipe() const override { return recipe_; }

  [[nodiscard]] sensors::TimeNs first_time_ns() const;  ///< of the window's oldest row
  [[nodiscard]] sensors::TimeNs last_time_ns() const;   ///< of its newest row
  [[nodiscard]] std::size_t unusable_rows() const { return unusable_rows_; }

  /// Samples of channel `channel` of the newest window [window_samples], oldest first.
  [[nodiscard]] std::span<const float> samples(std::size_t channel) const;

  /// The recipe, opened.
  [[nodiscard]] const kernels::RecipeView& view() const { return view_; }

  /// Names of the features: "mean(ax)", "band_power2(gz)"; rate of windows, 0 of events.
  [[nodiscard]] sensors::Layout layout() const;

 private:
  Window() = default;
  void forget();
  void keep(sensors::TimeNs time_ns, std::span<const float> values);
  bool is_due(std::span<const float> trigger);
  bool is_event(std::span<const float> trigger);

  std::vector<std::uint8_t> recipe_;
  kernels::RecipeView view_{};
  std::vector<float> rows_;  // [channel][2 N]: each value twice, N apart: the newest N lie in a row
  std::vector<sensors::TimeNs> times_;  // [N] ring
  std::vector<float> features_;
  std::vector<float> scratch_;
  std::optional<WindowOrder> order_;  // where features need it and windows overlap
  std::optional<WindowSums> sums_;    // where windows overlap
  std::size_t next_ = 0;              // slot in 0..N-1 of the next row
  std::size_t due_ = 0;  // rows until the next window is complete; with events 0: none is awaited
  std::size_t unusable_rows_ = 0;

  WindowTrigger trigger_;
  std::size_t known_ = 0;        // rows since the segment's start, at most N
  std::size_t since_event_ = 0;  // rows since the last event, at most the step
  bool was_above_ = false;
};

}  // namespace haltere::fusion
