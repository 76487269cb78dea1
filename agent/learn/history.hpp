#pragma once

#include <cstddef>
#include <vector>

#include "learner/online_model.hpp"

namespace haltere::agent {

/// How answers were over some neighbouring rows: share of right ones (classify), mean absolute
/// error (regress) or highest score (anomaly), beside the baselines' (anomaly: the share of alarms
/// in `other`).
struct HistoryPoint {
  std::size_t row = 0;  ///< the last of them, from 1
  double value = 0.0;
  double no_change = 0.0;
  double other = 0.0;  ///< the majority so far (classify), the mean so far (regress)
};

/// The course of a pass over a table in few points, however long it gets.
class LearnHistory {
 public:
  /// `classes`: of a classifier.
  LearnHistory(learner::Task task, std::size_t classes) : task_(task), seen_(classes, 0) {}

  void add(const learner::Prediction& prediction, const learner::Target& target);

  /// Ends the last point, which may be of fewer rows.
  void finish();

  [[nodiscard]] const std::vector<HistoryPoint>& points() const { return points_; }

  static constexpr std::size_t most_points = 160;
  static constexpr std::size_t least_rows_per_point = 8;

 private:
  void add_class(int answer, int truth);
  void add_value(double answer, double truth);
  void end_point();
  void halve();

  learner::Task task_;
  std::size_t rows_per_point_ = least_rows_per_point;
  std::vector<HistoryPoint> points_;
  HistoryPoint sums_;
  std::size_t rows_in_point_ = 0;
  std::vector<std::size_t> seen_;  ///< rows of each class
  std::size_t majority_ = 0;
  int last_label_ = -1;
  double last_value_ = 0.0;
  double mean_ = 0.0;
  std::size_t rows_ = 0;
};

}  // namespace haltere::agent
