#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learner/archive.hpp"
#include "learner/calibration.hpp"
#include "learner/confusion.hpp"
#include "learner/row_window.hpp"

namespace haltere::learner {

/// One row as a classifier's metrics see it: the truth, the answer, and those of two baselines.
struct ClassRow {
  void exchange(Archive& archive);

  std::uint32_t truth = 0;
  std::uint32_t answer = 0;
  std::uint32_t no_change = 0;  ///< the truth of the row before
  std::uint32_t majority = 0;   ///< the commonest truth so far
  float confidence = 0.0F;
};

/// Figures of a classifier over some rows, beside "as last time" and "the commonest so far".
struct ClassFigures {
  explicit ClassFigures(std::size_t classes)
      : answers(classes), no_change(classes), majority(classes) {}

  void add(const ClassRow& row, double weight = 1.0);
  void fade(double factor);
  void add_class();
  void exchange(Archive& archive);

  Confusion answers;
  Confusion no_change;
  Confusion majority;
  Calibration calibration;
};

/// Test-then-train figures of a classifier since the start, fading, and over the newest rows. The
/// first row, for which the baselines have no answer, sets these alone and is counted as a miss of
/// theirs.
class ClassMetrics {
 public:
  /// A row's weight in `recent` halves every `half_life` rows.
  explicit ClassMetrics(std::size_t classes, double half_life = 200.0);

  /// Counts an answer that was given before `truth` was learned from.
  void add(std::size_t truth, std::size_t answer, float confidence = 0.0F);

  /// One class more, of which nothing was counted.
  void add_class();

  [[nodiscard]] const Confusion& all() const { return all_.answers; }
  [[nodiscard]] const Confusion& recent() const { return recent_.answers; }
  [[nodiscard]] const ClassFigures& all_figures() const { return all_; }
  /// Weights are relative: only ratios of counts mean anything.
  [[nodiscard]] const ClassFigures& recent_figures() const { return recent_; }
  /// Of the newest rows, as many as the window holds; counted on each call.
  [[nodiscard]] ClassFigures window_figures() const;
  [[nodiscard]] double no_change_accuracy() const;
  [[nodiscard]] double majority_accuracy() const;

  void exchange(Archive& archive);

 private:
  ClassFigures all_;
  ClassFigures recent_;
  double growth_;               ///< of the weight in `recent_` per row
  double recent_weight_ = 1.0;  ///< of the next row: grows instead of every count fading
  RowWindow<ClassRow> window_;
  std::vector<double> seen_;
  std::uint32_t last_ = 0;
  std::uint32_t majority_ = 0;
};

}  // namespace haltere::learner
