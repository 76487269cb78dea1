#include "learner/metrics_regression.hpp"

#include <cmath>

namespace haltere::learner {

namespace {

double ratio(double part, double whole) { return whole > 0.0 ? part / whole : 0.0; }

}  // namespace

void ErrorSums::add(double truth, double answer) {
  const double error = answer - truth;
  count_ += 1.0;
  absolute_ += std::abs(error);
  squared_ += error * error;
  const double offset = truth - mean_;
  mean_ += offset / count_;
  deviation_ += offset * (truth - mean_);
}

void ErrorSums::fade(double factor) {
  count_ *= factor;
  absolute_ *= factor;
  squared_ *= factor;
  deviation_ *= factor;
}

double ErrorSums::mae() const { return ratio(absolute_, count_); }
double ErrorSums::rmse() const { return std::sqrt(ratio(squared_, count_)); }
double ErrorSums::r2() const { return deviation_ > 0.0 ? 1.0 - squared_ / deviation_ : 0.0; }

void ErrorSums::exchange(Archive& archive) {
  archive.exchange(count_);
  archive.exchange(absolute_);
  archive.exchange(squared_);
  archive.exchange(mean_);
  archive.exchange(deviation_);
}

void ErrorRow::exchange(Archive& archive) {
  archive.exchange(truth);
  archive.exchange(answer);
  archive.exchange(no_change);
  archive.exchange(mean);
}

void ErrorFigures::add(const ErrorRow& row) {
  answers.add(row.truth, row.answer);
  no_change.add(row.truth, row.no_change);
  mean.add(row.truth, row.mean);
}

void ErrorFigures::fade(double factor) {
  answers.fade(factor);
  no_change.fade(factor);
  mean.fade(factor);
}

void ErrorFigures::exchange(Archive& archive) {
  answers.exchange(archive);
  no_change.exchange(archive);
  mean.exchange(archive);
}

RegressionMetrics::RegressionMetrics(double half_life)
    : factor_(std::exp2(-1.0 / half_life)) {}  // only reported figures depend on it

void RegressionMetrics::add(double truth, double answer) {
  const ErrorRow row{.truth = truth, .answer = answer, .no_change = last_, .mean = mean_};
  recent_.fade(factor_);
  if (all_.answers.count() > 0.0) {
    all_.add(row);
    recent_.add(row);
    window_.push(row);
  } else {
    all_.answers.add(truth, answer);
    recent_.answers.add(truth, answer);
  }
  last_ = truth;
  mean_ += (truth - mean_) / all_.answers.count();
}

ErrorFigures RegressionMetrics::window_figures() const {
  ErrorFigures figures;
  for (const ErrorRow& row : window_.rows()) figures.add(row);
  return figures;
}

void RegressionMetrics::exchange(Archive& archive) {
  all_.exchange(archive);
  recent_.exchange(archive);
  window_.exchange(archive);
  archive.exchange(last_);
  archive.exchange(mean_);
}

}  // namespace haltere::learner
