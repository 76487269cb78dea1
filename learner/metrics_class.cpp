#include "learner/metrics_class.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::learner {

namespace {

constexpr double largest_weight = 1e12;

/// Hits of a baseline, as a share of the model's answers: it has none for the first row.
double share_of(const Confusion& baseline, const Confusion& answers) {
  if (answers.total() <= 0.0) return 0.0;
  return baseline.accuracy() * baseline.total() / answers.total();
}

}  // namespace

void ClassRow::exchange(Archive& archive) {
  archive.exchange(truth);
  archive.exchange(answer);
  archive.exchange(no_change);
  archive.exchange(majority);
  archive.exchange(confidence);
}

void ClassFigures::add(const ClassRow& row, double weight) {
  answers.add(row.truth, row.answer, weight);
  no_change.add(row.truth, row.no_change, weight);
  majority.add(row.truth, row.majority, weight);
  calibration.add(static_cast<double>(row.confidence), row.truth == row.answer, weight);
}

void ClassFigures::fade(double factor) {
  answers.fade(factor);
  no_change.fade(factor);
  majority.fade(factor);
  calibration.fade(factor);
}

void ClassFigures::add_class() {
  for (Confusion* each : {&answers, &no_change, &majority}) each->add_class();
}

void ClassFigures::exchange(Archive& archive) {
  answers.exchange(archive);
  no_change.exchange(archive);
  majority.exchange(archive);
  calibration.exchange(archive);
}

ClassMetrics::ClassMetrics(std::size_t classes, double half_life)
    : all_(classes),
      recent_(classes),
      growth_(std::exp2(1.0 / half_life)),  // only reported figures depend on it
      seen_(classes, 0.0) {}

void ClassMetrics::add(std::size_t truth, std::size_t answer, float confidence) {
  const ClassRow row{.truth = static_cast<std::uint32_t>(truth),
                     .answer = static_cast<std::uint32_t>(answer),
                     .no_change = last_,
                     .majority = majority_,
                     .confidence = confidence};
  if (all_.answers.total() > 0.0) {
    all_.add(row);
    recent_.add(row, recent_weight_);
  } else {
    for (ClassFigures* figures : {&all_, &recent_}) {
      figures->answers.add(truth, answer);
      figures->calibration.add(static_cast<double>(confidence), truth == answer);
    }
  }
  recent_weight_ *= growth_;
  if (recent_weight_ > largest_weight) {
    recent_.fade(1.0 / recent_weight_);
    recent_weight_ = 1.0;
  }
  window_.push(row);
  seen_[truth] += 1.0;
  last_ = row.truth;
  if (seen_[truth] > seen_[majority_]) majority_ = last_;
}

void ClassMetrics::add_class() {
  all_.add_class();
  recent_.add_class();
  seen_.push_back(0.0);
}

ClassFigures ClassMetrics::window_figures() const {
  ClassFigures figures(all_.answers.classes());
  for (const ClassRow& row : window_.rows()) figures.add(row);
  return figures;
}

double ClassMetrics::no_change_accuracy() const { return share_of(all_.no_change, all_.answers); }
double ClassMetrics::majority_accuracy() const { return share_of(all_.majority, all_.answers); }

void ClassMetrics::exchange(Archive& archive) {
  all_.exchange(archive);
  recent_.exchange(archive);
  archive.exchange(recent_weight_);
  window_.exchange(archive);
  for (const ClassRow& row : window_.rows())
    if (std::max({row.truth, row.answer, row.no_change, row.majority}) >= seen_.size())
      archive.fail();
  archive.exchange(std::span(seen_));
  archive.exchange(last_);
  archive.exchange(majority_);
  if (last_ >= seen_.size() || majority_ >= seen_.size()) archive.fail();
}

}  // namespace haltere::learner
