// What `haltere learn` prints for a person.

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "agent/learn/report.hpp"
#include "agent/learn/value_report.hpp"
#include "agent/pipeline/teacher_report.hpp"

namespace haltere::agent {
namespace {

using learner::Confusion;
using learner::Task;

std::string line(const char* what, const std::string& figures) {
  std::array<char, 64> head{};
  std::snprintf(head.data(), head.size(), "%-14s", what);
  return head.data() + figures + '\n';
}

std::string percent(double share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f %%", 100.0 * share);
  return text.data();
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

std::string class_text(const Confusion& answers) {
  return "accuracy " + percent(answers.accuracy()) + ", kappa " + number(answers.kappa()) +
         ", macro F1 " + number(answers.macro_f1());
}

std::string scores_text(const TestScores& scores, Task task) {
  switch (task) {
    case Task::classify: return class_text(scores.answers);
    case Task::regress: return value_scores_text(scores);
    case Task::anomaly: break;
  }
  if (scores.abnormal.empty()) return std::to_string(scores.scored) + " rows scored";
  return "ROC AUC " + number(learner::roc_auc(scores.scores, scores.abnormal)) + ", false alarms " +
         percent(1.0 - scores.answers.recall(0)) + ", missed " +
         percent(1.0 - scores.answers.recall(1));
}

std::uint64_t last_drift_row(const learner::DriftWatch& watch) {
  std::uint64_t row = 0;
  for (const learner::DriftEvent& event : watch.events())
    if (event.level == learner::DriftLevel::drift) row = event.row;
  return row;
}

std::string prequential_text(const LearnResult& result) {
  switch (result.plan.task) {
    case Task::classify: {
      const learner::ClassMetrics& metrics = result.model.class_metrics();
      return line("prequential", class_text(metrics.all())) +
             line("  no change", class_text(metrics.all_figures().no_change)) +
             line("  majority", class_text(metrics.all_figures().majority));
    }
    case Task::regress: return value_prequential_text(result);
    case Task::anomaly: break;
  }
  return line("prequential", std::to_string(result.model.abnormal_rows()) + " alarms");
}

/// The figure by which folds are compared.
double main_figure(const TestScores& scores, Task task) {
  switch (task) {
    case Task::classify: return scores.answers.accuracy();
    case Task::regress: return mean_absolute_error(scores);
    case Task::anomaly: break;
  }
  return learner::roc_auc(scores.scores, scores.abnormal);
}

std::string folds_text(const FoldsResult& folds, Task task) {
  const TestResult& together = folds.together.front();
  double lowest = main_figure(folds.each.front().as_float, task);
  double highest = lowest;
  for (const TestResult& fold : folds.each) {
    lowest = std::min(lowest, main_figure(fold.as_float, task));
    highest = std::max(highest, main_figure(fold.as_float, task));
  }
  const auto figure = [&](double value) {
    return task == Task::classify ? percent(value) : number(value);
  };
  return line("folds", std::to_string(folds.each.size()) + " by " + folds.settings.by + ", from " +
                           figure(lowest) + " to " + figure(highest) + " (float)") +
         line("  float", scores_text(together.as_float, task)) +
         line("  int8", scores_text(together.as_int8, task));
}

std::string shape_text(const std::vector<std::size_t>& layers) {
  std::string text;
  for (const std::size_t units : layers) text += (text.empty() ? "" : ",") + std::to_string(units);
  return text.empty() ? "none" : text;
}

/// What was tried and with which mean squared error, the one chosen first.
std::string tried_text(const learner::OnlineModel& model) {
  std::string text;
  for (const learner::OnlineModel::Tried& one : model.tried())
    text += line(text.empty() ? "chosen" : "  beside",
                 "layers " + shape_text(one.layers) + ", rate " +
                     number(static_cast<double>(one.rate)) + ": error " + number(one.loss) +
                     " up to row " + std::to_string(one.rows));
  return text;
}

}  // namespace

std::string learn_text(const LearnResult& result) {
  const bool windows = result.windowed;
  std::string text =
      line("rows", std::to_string(result.rows) + (windows ? " windows in " : " in ") +
                       number(result.seconds) + " s, " + std::to_string(result.features.size()) +
                       " features");
  text += prequential_text(result);
  if (const auto teacher = result.model.teacher())
    text += line("teacher", teacher_text(teacher_json(*teacher, result.plan.task)));
  text += tried_text(result.model);
  const learner::DriftWatch& drift = result.model.drift();
  if (drift.drifts() > 0)
    text += line("drift", std::to_string(drift.drifts()) + " times, last at row " +
                              std::to_string(last_drift_row(drift)));
  for (const TestResult& test : result.tests) {
    text += line("test", test.table + ", " + std::to_string(test.rows) + " rows");
    text += line("  float", scores_text(test.as_float, result.plan.task));
    text += line("  int8", scores_text(test.as_int8, result.plan.task));
  }
  for (const FoldsResult& folds : result.folds) text += folds_text(folds, result.plan.task);
  return text;
}

}  // namespace haltere::agent
