#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "agent/compress/bundle_rows.hpp"
#include "learner/online_model.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {

/// What answers are judged by.
enum class Measure : std::uint8_t {
  accuracy,        ///< classify
  absolute_error,  ///< regress: mean, in the target's unit
  worst_target,    ///< regress, several targets: the same in each one's deviation, of the worst
  roc_auc,         ///< anomaly, where it is known which rows are abnormal
  reconstruction,  ///< anomaly otherwise: mean squared error of normalised values
};

[[nodiscard]] bool higher_is_better(Measure measure);

/// How one model answered rows.
struct Judgement {
  double score = 0.0;
  std::string worst_class;  ///< classify: the one with the lowest recall
  double worst_recall = 0.0;
  std::vector<double> target_errors;  ///< regress, several targets: mean absolute error of each
};

/// Scale and offset of each answer of a regression, in its target's unit.
[[nodiscard]] std::vector<models::OutputScale> target_scales(const models::Bundle& bundle);

/// Judges answers to `rows`, in terms of the targets of `bundle`; both must outlive it.
class Judge {
 public:
  Judge(const models::Bundle& bundle, const BundleRows& rows);

  [[nodiscard]] Measure measure() const { return measure_; }

  /// `answer(row)` is what a model answers.
  using Answer = std::function<learner::Prediction(std::size_t)>;
  [[nodiscard]] Judgement judge(const Answer& answer) const;

 private:
  [[nodiscard]] Judgement judge_classes(const Answer& answer) const;
  [[nodiscard]] Judgement judge_values(const Answer& answer) const;
  [[nodiscard]] Judgement judge_scores(const Answer& answer) const;

  const models::Bundle& bundle_;
  const BundleRows& rows_;
  Measure measure_;
};

}  // namespace haltere::agent
