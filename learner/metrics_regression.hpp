#pragma once

#include "learner/archive.hpp"
#include "learner/row_window.hpp"

namespace haltere::learner {

/// Sums from which errors of a regression follow.
class ErrorSums {
 public:
  void add(double truth, double answer);
  void fade(double factor);

  [[nodiscard]] double count() const { return count_; }
  [[nodiscard]] double mae() const;
  [[nodiscard]] double rmse() const;
  /// 1 - squared error / squared deviation of the truth from its mean; 0 while that is 0.
  [[nodiscard]] double r2() const;

  void exchange(Archive& archive);

 private:
  double count_ = 0.0;
  double absolute_ = 0.0;
  double squared_ = 0.0;
  double mean_ = 0.0;       ///< of the truth
  double deviation_ = 0.0;  ///< sum of squared deviations of the truth
};

/// One row as a regression's metrics see it, in the target's unit.
struct ErrorRow {
  void exchange(Archive& archive);

  double truth = 0.0;
  double answer = 0.0;
  double no_change = 0.0;  ///< the truth of the row before
  double mean = 0.0;       ///< of the truths before
};

/// Errors of a regression over some rows, beside "as last time" and "the mean so far".
struct ErrorFigures {
  void add(const ErrorRow& row);
  void fade(double factor);
  void exchange(Archive& archive);

  ErrorSums answers;
  ErrorSums no_change;
  ErrorSums mean;
};

/// Test-then-train figures of a regression since the start, fading, and over the newest rows. The
/// first row, for which the baselines have no answer, counts for the model alone.
class RegressionMetrics {
 public:
  explicit RegressionMetrics(double half_life = 200.0);

  void add(double truth, double answer);

  [[nodiscard]] const ErrorSums& all() const { return all_.answers; }
  [[nodiscard]] const ErrorSums& recent() const { return recent_.answers; }
  /// Of the answer "as last time".
  [[nodiscard]] const ErrorSums& no_change() const { return all_.no_change; }
  [[nodiscard]] const ErrorFigures& all_figures() const { return all_; }
  [[nodiscard]] const ErrorFigures& recent_figures() const { return recent_; }
  /// Of the newest rows but the first, as many as the window holds; counted on each call.
  [[nodiscard]] ErrorFigures window_figures() const;

  void exchange(Archive& archive);

 private:
  ErrorFigures all_;
  ErrorFigures recent_;
  double factor_;
  RowWindow<ErrorRow> window_;
  double last_ = 0.0;
  double mean_ = 0.0;
};

}  // namespace haltere::learner
