#include "agent/compress/judge.hpp"

#include <algorithm>
#include <cmath>

#include "learner/ranking.hpp"

namespace haltere::agent {
namespace {

using learner::Target;

Measure measure_of(const models::Bundle& bundle, const BundleRows& rows) {
  switch (bundle.task) {
    case kernels::Task::classify: return Measure::accuracy;
    case kernels::Task::regress:
      return bundle.output_scales.size() > 1 ? Measure::worst_target : Measure::absolute_error;
    case kernels::Task::anomaly: break;
  }
  const auto has = [&rows](int label) {
    return std::ranges::find(rows.targets, label, &Target::label) != rows.targets.end();
  };
  return has(0) && has(1) ? Measure::roc_auc : Measure::reconstruction;
}

}  // namespace

bool higher_is_better(Measure measure) {
  return measure == Measure::accuracy || measure == Measure::roc_auc;
}

std::vector<models::OutputScale> target_scales(const models::Bundle& bundle) {
  std::vector<models::OutputScale> scales = bundle.output_scales;
  for (models::OutputScale& scale : scales) scale.scale /= bundle.output_scale;
  return scales;
}

Judge::Judge(const models::Bundle& bundle, const BundleRows& rows)
    : bundle_(bundle), rows_(rows), measure_(measure_of(bundle, rows)) {}

Judgement Judge::judge(const Answer& answer) const {
  switch (measure_) {
    case Measure::accuracy: return judge_classes(answer);
    case Measure::absolute_error:
    case Measure::worst_target: return judge_values(answer);
    case Measure::roc_auc:
    case Measure::reconstruction: break;
  }
  return judge_scores(answer);
}

Judgement Judge::judge_classes(const Answer& answer) const {
  std::vector<std::size_t> asked(bundle_.labels.size(), 0);
  std::vector<std::size_t> right(bundle_.labels.size(), 0);
  std::size_t all = 0;
  for (std::size_t r = 0; r < rows_.targets.size(); ++r) {
    const auto label = static_cast<std::size_t>(rows_.targets[r].label);
    const bool hit = answer(r).label == rows_.targets[r].label;
    ++asked[label];
    right[label] += hit ? 1U : 0U;
    all += hit ? 1U : 0U;
  }
  Judgement judgement;
  judgement.worst_recall = 2.0;
  for (std::size_t c = 0; c < asked.size(); ++c) {
    if (asked[c] == 0) continue;
    const double recall = static_cast<double>(right[c]) / static_cast<double>(asked[c]);
    if (recall >= judgement.worst_recall) continue;
    judgement.worst_recall = recall;
    judgement.worst_class = bundle_.labels[c];
  }
  judgement.score = static_cast<double>(all) / static_cast<double>(rows_.targets.size());
  return judgement;
}

Judgement Judge::judge_values(const Answer& answer) const {
  const std::vector<models::OutputScale> scales = target_scales(bundle_);
  std::vector<double> errors(scales.size(), 0.0);
  for (std::size_t r = 0; r < rows_.targets.size(); ++r) {
    const learner::Prediction prediction = answer(r);
    for (std::size_t t = 0; t < errors.size(); ++t)
      errors[t] += std::abs(static_cast<double>(learner::value_at(prediction, t) -
                                                learner::value_at(rows_.targets[r], t)));
  }
  for (double& error : errors) error /= static_cast<double>(rows_.targets.size());
  if (measure_ == Measure::absolute_error) return {errors.front(), {}, 0.0, {}};
  Judgement judgement;
  for (std::size_t t = 0; t < errors.size(); ++t)
    judgement.score = std::max(judgement.score, errors[t] / static_cast<double>(scales[t].scale));
  judgement.target_errors = std::move(errors);
  return judgement;
}

Judgement Judge::judge_scores(const Answer& answer) const {
  std::vector<float> scores;
  std::vector<std::uint8_t> abnormal;
  double sum = 0.0;
  for (std::size_t r = 0; r < rows_.targets.size(); ++r) {
    const float score = answer(r).value;
    sum += static_cast<double>(score);
    if (rows_.targets[r].label < 0) continue;
    scores.push_back(score);
    abnormal.push_back(rows_.targets[r].label == 1 ? 1 : 0);
  }
  if (measure_ == Measure::roc_auc) return {learner::roc_auc(scores, abnormal), {}, 0.0, {}};
  return {sum / static_cast<double>(rows_.targets.size()), {}, 0.0, {}};
}

}  // namespace haltere::agent
