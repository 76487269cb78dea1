#include "agent/learn/value_report.hpp"

#include <array>
#include <cstddef>
#include <cstdio>
#include <vector>

#include "config/text.hpp"

namespace haltere::agent {
namespace {

using learner::ErrorFigures;
using learner::ErrorSums;
using learner::IntervalMetrics;
using nlohmann::ordered_json;

struct Errors {
  double mae = 0.0;
  double rmse = 0.0;
  double r2 = 0.0;
};

Errors mean_of(const std::vector<ErrorSums>& targets) {
  Errors mean;
  const double share = 1.0 / static_cast<double>(targets.size());
  for (const ErrorSums& errors : targets) {
    mean.mae += share * errors.mae();
    mean.rmse += share * errors.rmse();
    mean.r2 += share * errors.r2();
  }
  return mean;
}

ordered_json json_of(const Errors& errors) {
  return {{"mae", errors.mae}, {"rmse", errors.rmse}, {"r2", errors.r2}};
}

ordered_json json_of(const ErrorSums& errors) { return json_of(mean_of({errors})); }

ordered_json json_of(const IntervalMetrics& interval) {
  return {{"coverage", interval.coverage()}, {"width", interval.width()}};
}

/// A part of the figures of every target.
template <typename Part>
std::vector<ErrorSums> collect(const LearnResult& result, const Part& part) {
  std::vector<ErrorSums> sums;
  for (std::size_t t = 0; t < result.plan.targets.size(); ++t)
    sums.push_back(part(result.model.regression_metrics(t)));
  return sums;
}

using Metrics = learner::RegressionMetrics;
ErrorSums answers_of(const Metrics& metrics) { return metrics.all(); }
ErrorSums no_change_of(const Metrics& metrics) { return metrics.no_change(); }
ErrorSums mean_baseline_of(const Metrics& metrics) { return metrics.all_figures().mean; }

/// Figures and baselines of all targets over a part of the rows.
template <typename Figures>
ordered_json part_json(const LearnResult& result, const Figures& figures) {
  const auto of = [&](const ErrorSums ErrorFigures::*which) {
    return json_of(
        mean_of(collect(result, [&](const Metrics& metrics) { return figures(metrics).*which; })));
  };
  ordered_json json = of(&ErrorFigures::answers);
  json["no_change"] = of(&ErrorFigures::no_change);
  json["mean"] = of(&ErrorFigures::mean);
  return json;
}

ordered_json target_json(const LearnResult& result, std::size_t target) {
  const Metrics& metrics = result.model.regression_metrics(target);
  ordered_json json = json_of(metrics.all());
  json["no_change"] = json_of(metrics.no_change());
  json["mean"] = json_of(metrics.all_figures().mean);
  const IntervalMetrics& interval = result.model.interval_metrics(target);
  if (interval.count() > 0.0) json["interval"] = json_of(interval);
  return json;
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string text_of(const Errors& errors) {
  return "MAE " + number(errors.mae) + ", RMSE " + number(errors.rmse) + ", R2 " +
         number(errors.r2);
}

std::string text_of(const IntervalMetrics& interval) {
  return number(100.0 * interval.coverage()) + " % of the truths held, mean width " +
         number(interval.width());
}

std::string line(const std::string& head, const std::string& figures) {
  return head + std::string(head.size() < 13 ? 14 - head.size() : 1, ' ') + figures + '\n';
}

}  // namespace

ordered_json value_scores_json(const TestScores& scores, const TablePlan& plan) {
  ordered_json json = json_of(mean_of(scores.errors));
  if (scores.intervals.size() == 1) json["interval"] = json_of(scores.intervals.front());
  if (scores.errors.size() < 2) return json;
  for (std::size_t t = 0; t < scores.errors.size(); ++t) {
    ordered_json& target = json["targets"][plan.targets[t]];
    target = json_of(scores.errors[t]);
    if (!scores.intervals.empty()) target["interval"] = json_of(scores.intervals[t]);
  }
  return json;
}

ordered_json value_prequential_json(const LearnResult& result) {
  ordered_json json = json_of(mean_of(collect(result, answers_of)));
  json["fading"] =
      part_json(result, [](const Metrics& metrics) { return metrics.recent_figures(); });
  json["window"] =
      part_json(result, [](const Metrics& metrics) { return metrics.window_figures(); });
  const std::size_t targets = result.plan.targets.size();
  const float wanted = result.model.settings().learn.interval;
  if (wanted > 0.0F) json["interval_wanted"] = config::as_written(wanted);
  if (wanted > 0.0F && targets == 1) json["interval"] = json_of(result.model.interval_metrics());
  for (std::size_t t = 0; t < targets && targets > 1; ++t)
    json["targets"][result.plan.targets[t]] = target_json(result, t);
  return json;
}

ordered_json value_baselines_json(const LearnResult& result) {
  return {{"no_change", json_of(mean_of(collect(result, no_change_of)))},
          {"mean", json_of(mean_of(collect(result, mean_baseline_of)))}};
}

std::string value_scores_text(const TestScores& scores) {
  std::string text = text_of(mean_of(scores.errors));
  if (scores.intervals.size() == 1) text += "; interval: " + text_of(scores.intervals.front());
  return text;
}

std::string value_prequential_text(const LearnResult& result) {
  const std::size_t targets = result.plan.targets.size();
  std::string text = line("prequential", text_of(mean_of(collect(result, answers_of))) +
                                             (targets > 1 ? " on average" : ""));
  text += line("  no change", text_of(mean_of(collect(result, no_change_of))));
  for (std::size_t t = 0; t < targets; ++t) {
    const std::string& name = result.plan.targets[t];
    if (targets > 1)
      text += line("  " + name, text_of(mean_of({result.model.regression_metrics(t).all()})));
    const IntervalMetrics& interval = result.model.interval_metrics(t);
    if (interval.count() > 0.0)
      text += line(targets > 1 ? "    interval" : "  interval", text_of(interval));
  }
  return text;
}

double mean_absolute_error(const TestScores& scores) { return mean_of(scores.errors).mae; }

}  // namespace haltere::agent
