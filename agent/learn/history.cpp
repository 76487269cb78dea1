#include "agent/learn/history.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::agent {

using learner::Task;

void LearnHistory::add(const learner::Prediction& prediction, const learner::Target& target) {
  if (!prediction.valid) return;
  ++rows_;
  switch (task_) {
    case Task::classify: add_class(prediction.label, target.label); break;
    case Task::regress:
      add_value(static_cast<double>(prediction.value), static_cast<double>(target.value));
      break;
    case Task::anomaly:
      sums_.value = std::max(sums_.value, static_cast<double>(prediction.value));
      sums_.other += prediction.abnormal ? 1.0 : 0.0;
      break;
  }
  if (++rows_in_point_ < rows_per_point_) return;
  end_point();
  if (points_.size() == most_points) halve();
}

void LearnHistory::add_class(int answer, int truth) {
  if (truth < 0) return;
  const auto label = static_cast<std::size_t>(truth);
  sums_.value += answer == truth ? 1.0 : 0.0;
  sums_.no_change += last_label_ == truth ? 1.0 : 0.0;
  sums_.other += rows_ > 1 && majority_ == label ? 1.0 : 0.0;
  last_label_ = truth;
  if (++seen_[label] > seen_[majority_]) majority_ = label;
}

void LearnHistory::add_value(double answer, double truth) {
  sums_.value += std::abs(answer - truth);
  if (rows_ > 1) {
    sums_.no_change += std::abs(last_value_ - truth);
    sums_.other += std::abs(mean_ - truth);
  }
  last_value_ = truth;
  mean_ += (truth - mean_) / static_cast<double>(rows_);
}

void LearnHistory::end_point() {
  const auto rows = static_cast<double>(rows_in_point_);
  HistoryPoint point = sums_;
  point.row = rows_;
  if (task_ != Task::anomaly) point.value /= rows;
  point.no_change /= rows;
  point.other /= rows;
  points_.push_back(point);
  sums_ = {};
  rows_in_point_ = 0;
}

void LearnHistory::finish() {
  if (rows_in_point_ > 0) end_point();
}

/// Makes one point of each two.
void LearnHistory::halve() {
  for (std::size_t i = 0; i < most_points / 2; ++i) {
    const HistoryPoint& early = points_[2 * i];
    const HistoryPoint& late = points_[2 * i + 1];
    const double value = task_ == Task::anomaly ? std::max(early.value, late.value)
                                                : (early.value + late.value) / 2.0;
    points_[i] = {late.row, value, (early.no_change + late.no_change) / 2.0,
                  (early.other + late.other) / 2.0};
  }
  points_.resize(most_points / 2);
  rows_per_point_ *= 2;
}

}  // namespace haltere::agent
