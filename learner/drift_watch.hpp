#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "learner/archive.hpp"
#include "learner/drift_detector.hpp"
#include "learner/drift_settings.hpp"

namespace haltere::learner {

/// A change of level that was noted.
struct DriftEvent {
  static constexpr std::int32_t of_error = -1;

  std::uint64_t row = 0;  ///< rows seen by then, this one included
  DriftLevel level = DriftLevel::stable;
  std::int32_t input = of_error;  ///< which input changed, or of_error
};

/// Watches a model's error, its inputs, or both, each with a detector of its own, and keeps the
/// newest events. Bounded work per row; allocates only at construction, in save and in restore.
class DriftWatch {
 public:
  DriftWatch(DriftSettings settings, std::size_t inputs);

  /// Takes in the error of one answer, in 0..1. Rises alone are noted: warnings when they begin,
  /// and drifts.
  DriftLevel add_error(double error, std::uint64_t row);

  /// Takes in one usable row [inputs]; the highest level of any input. An input is measured in the
  /// scale of its first 200 rows since its last drift, within four deviations. Drifts alone are
  /// noted.
  DriftLevel add_inputs(std::span<const float> row, std::uint64_t row_number);

  [[nodiscard]] const DriftSettings& settings() const { return settings_; }
  /// The newest events, at most max_events, oldest first.
  [[nodiscard]] std::span<const DriftEvent> events() const { return events_; }
  /// Since the start, those no longer kept included.
  [[nodiscard]] std::uint64_t drifts() const { return drifts_; }
  [[nodiscard]] std::uint64_t warnings() const { return warnings_; }

  /// A state saved under other drift settings is passed over: the watch then starts over.
  void exchange(Archive& archive);

  static constexpr std::size_t max_events = 256;

 private:
  /// Mean and deviation of an input's first rows, fixed from then on.
  struct Scale {
    std::uint64_t rows = 0;
    double mean = 0.0;
    double squares = 0.0;  ///< sum of squared deviations
  };

  static void exchange(Archive& archive, Scale& scale);
  static bool grow(Scale& scale, double value);
  static double in_scale(const Scale& scale, double value);
  void note(DriftEvent event);
  void exchange_state(Archive& archive);
  void exchange_events(Archive& archive);

  DriftSettings settings_;
  DriftDetector error_;
  std::vector<DriftDetector> inputs_;  ///< none unless they are watched
  std::vector<Scale> scales_;
  DriftLevel error_level_ = DriftLevel::stable;
  std::vector<DriftEvent> events_;
  std::uint64_t drifts_ = 0;
  std::uint64_t warnings_ = 0;
};

}  // namespace haltere::learner
