#include "agent/learn/report.hpp"

#include <algorithm>
#include <string>

#include "agent/learn/value_report.hpp"
#include "agent/pipeline/teacher_report.hpp"
#include "config/json.hpp"
#include "config/text.hpp"

namespace haltere::agent {
namespace {

using learner::Confusion;
using learner::Task;
using nlohmann::ordered_json;

ordered_json recalls(const Confusion& answers, const std::vector<std::string>& labels) {
  ordered_json json = ordered_json::object();
  for (std::size_t c = 0; c < labels.size(); ++c) json[labels[c]] = answers.recall(c);
  return json;
}

ordered_json matrix(const Confusion& answers) {
  ordered_json rows = ordered_json::array();
  for (std::size_t truth = 0; truth < answers.classes(); ++truth) {
    ordered_json row = ordered_json::array();
    for (std::size_t answer = 0; answer < answers.classes(); ++answer)
      row.push_back(static_cast<std::uint64_t>(answers.count(truth, answer)));
    rows.push_back(row);
  }
  return rows;
}

ordered_json class_json(const Confusion& answers, const std::vector<std::string>& labels) {
  return {{"accuracy", answers.accuracy()},
          {"kappa", answers.kappa()},
          {"macro_f1", answers.macro_f1()},
          {"per_class", recalls(answers, labels)},
          {"confusion", matrix(answers)}};
}

ordered_json anomaly_json(const TestScores& scores) {
  const Confusion& answers = scores.answers;
  ordered_json json;
  if (scores.abnormal.empty()) {
    json["rows"] = scores.scored;
    return json;
  }
  const double hits = answers.count(1, 1);
  const double wrong = answers.count(0, 1) + answers.count(1, 0);
  json["roc_auc"] = learner::roc_auc(scores.scores, scores.abnormal);
  json["f1"] = hits > 0.0 ? 2.0 * hits / (2.0 * hits + wrong) : 0.0;
  json["false_alarm_rate"] = answers.total() > 0.0 ? 1.0 - answers.recall(0) : 0.0;
  json["missed_rate"] = 1.0 - answers.recall(1);
  return json;
}

ordered_json scores_json(const TestScores& scores, const TablePlan& plan) {
  switch (plan.task) {
    case Task::classify: return class_json(scores.answers, plan.labels);
    case Task::regress: return value_scores_json(scores, plan);
    case Task::anomaly: break;
  }
  return anomaly_json(scores);
}

ordered_json test_json(const TestResult& test, const TablePlan& plan) {
  ordered_json json{
      {"table", test.table}, {"rows", test.rows}, {"passed_over", test.counts.passed_over()}};
  // What has one set of figures for all who compare: those of the model that learned.
  if (plan.task == Task::anomaly) json.update(scores_json(test.as_float, plan));
  json["float"] = scores_json(test.as_float, plan);
  json["int8"] = scores_json(test.as_int8, plan);
  for (std::size_t s = 0; s < test.by_scorer.size(); ++s)
    json["scorers"][std::string(to_string(learner::anomaly_scorers[s]))] =
        scores_json(test.by_scorer[s], plan);
  return json;
}

/// Figures of a classifier and of its baselines, without the matrix, over a part of the rows.
ordered_json class_part(const learner::ClassFigures& figures) {
  const auto brief = [](const Confusion& answers) {
    return ordered_json{{"accuracy", answers.accuracy()},
                        {"kappa", answers.kappa()},
                        {"macro_f1", answers.macro_f1()}};
  };
  ordered_json json = brief(figures.answers);
  json["calibration_error"] = figures.calibration.error();
  json["no_change"] = brief(figures.no_change);
  json["majority"] = brief(figures.majority);
  return json;
}

ordered_json prequential_json(const LearnResult& result) {
  switch (result.plan.task) {
    case Task::classify: {
      const learner::ClassMetrics& metrics = result.model.class_metrics();
      ordered_json json = class_json(metrics.all(), result.plan.labels);
      json["calibration_error"] = metrics.all_figures().calibration.error();
      json["recent_accuracy"] = metrics.recent().accuracy();
      json["fading"] = class_part(metrics.recent_figures());
      json["window"] = class_part(metrics.window_figures());
      return json;
    }
    case Task::regress: return value_prequential_json(result);
    case Task::anomaly: break;
  }
  return {{"alarms", result.model.abnormal_rows()},
          {"guarded", result.model.counters().guarded},
          {"threshold", config::as_written(result.model.threshold())}};
}

ordered_json baselines_json(const LearnResult& result) {
  switch (result.plan.task) {
    case Task::classify: {
      const learner::ClassMetrics& metrics = result.model.class_metrics();
      const learner::ClassFigures& all = metrics.all_figures();
      return {{"no_change", metrics.no_change_accuracy()},
              {"majority", metrics.majority_accuracy()},
              {"no_change_kappa", all.no_change.kappa()},
              {"majority_kappa", all.majority.kappa()},
              {"no_change_macro_f1", all.no_change.macro_f1()},
              {"majority_macro_f1", all.majority.macro_f1()}};
    }
    case Task::regress: return value_baselines_json(result);
    case Task::anomaly: break;
  }
  return ordered_json::object();
}

/// Every change that was noted: when, what moved, and what the model did.
ordered_json drift_json(const LearnResult& result) {
  const learner::DriftWatch& watch = result.model.drift();
  ordered_json events = ordered_json::array();
  for (const learner::DriftEvent& event : watch.events()) {
    const bool of_error = event.input == learner::DriftEvent::of_error;
    const bool drifts = event.level == learner::DriftLevel::drift;
    events.push_back(
        {{"row", event.row},
         {"level", learner::to_string(event.level)},
         {"detector", learner::to_string(watch.settings().detector)},
         {"on", of_error ? "error" : result.features[static_cast<std::size_t>(event.input)]},
         {"done", drifts ? learner::to_string(watch.settings().reaction) : "none"}});
  }
  return events;
}

/// How much worse the answers become without each feature: in wrong answers, absolute error, score.
ordered_json importance_json(const LearnResult& result) {
  ordered_json json = ordered_json::object();
  for (std::size_t i = 0; i < result.importance.size(); ++i)
    json[result.features[i]] = result.importance[i];
  return json;
}

ordered_json counters_json(const learner::LearnCounters& counters) {
  return {{"learned", counters.learned},         {"rejected", counters.rejected},
          {"refused", counters.refused},         {"guarded", counters.guarded},
          {"clipped", counters.clipped},         {"skipped_steps", counters.skipped_steps},
          {"rolled_back", counters.rolled_back}, {"replaced", counters.replaced},
          {"unknown", counters.unknown}};
}

/// What was tried where layers or rate were left to the stream, the one chosen first.
ordered_json tried_json(const learner::OnlineModel& model) {
  ordered_json tried = ordered_json::array();
  for (const learner::OnlineModel::Tried& one : model.tried())
    tried.push_back({{"layers", one.layers},
                     {"rate", config::as_written(one.rate)},
                     {"loss", one.loss},
                     {"rows", one.rows},
                     {"alive", one.alive}});
  return tried;
}

ordered_json model_json(const LearnResult& result) {
  const learner::ModelSettings& settings = result.model.settings();
  ordered_json json = {{"layers", settings.layers},
                       {"optimizer", learner::to_string(settings.learn.optimizer)},
                       {"rate", config::as_written(settings.learn.rate)},
                       {"replay", settings.learn.replay},
                       {"seed", settings.learn.seed},
                       {"bytes", result.bundle.size()}};
  if (!result.model.tried().empty()) json["tried"] = tried_json(result.model);
  return json;
}

/// How the table was read, and what became of what is not a plain number.
ordered_json reading_json(const LearnResult& result) {
  const TablePlan& plan = result.plan;
  const double seconds = std::max(plan.seconds, 1e-9);
  ordered_json json{{"bytes", plan.bytes},
                    {"seconds", plan.seconds},
                    {"mb_per_s", static_cast<double>(plan.bytes) / seconds / 1e6},
                    {"separator", std::string(1, plan.dialect.separator)},
                    {"decimal_mark", std::string(1, plan.dialect.decimal_mark)},
                    {"header", plan.dialect.header}};
  json["left_out"] = ordered_json::object();
  for (const auto& [column, reason] : plan.left_out) json["left_out"][column] = reason;
  json["filled"] = ordered_json::object();
  for (std::size_t i = 0; i < plan.inputs.size(); ++i)
    if (result.counts.filled[i] > 0)
      json["filled"][plan.inputs[i].column] = result.counts.filled[i];
  json["without_target"] = result.counts.without_target;
  json["incomplete"] = result.counts.incomplete;
  json["bad"] = result.counts.bad;
  json["windows_passed_over"] = result.passed_over_windows;
  return json;
}

ordered_json fold_json(const TestResult& fold, const TablePlan& plan) {
  return {{"rows", fold.rows},
          {"float", scores_json(fold.as_float, plan)},
          {"int8", scores_json(fold.as_int8, plan)}};
}

ordered_json folds_json(const LearnResult& result) {
  const FoldsResult& folds = result.folds.front();
  ordered_json json{{"count", folds.settings.count}, {"by", folds.settings.by}};
  json.update(fold_json(folds.together.front(), result.plan));
  json["each"] = ordered_json::array();
  for (const TestResult& fold : folds.each) json["each"].push_back(fold_json(fold, result.plan));
  return json;
}

}  // namespace

ordered_json learn_json(const LearnResult& result) {
  ordered_json json{{"table", result.table},
                    {"task", learner::to_string(result.plan.task)},
                    {"target", result.plan.target},
                    {"features", result.features},
                    {"rows", result.rows},
                    {"passed_over", result.counts.passed_over()},
                    {"reading", reading_json(result)},
                    {"warnings", result.plan.warnings},
                    {"seconds", result.seconds},
                    {"model", model_json(result)},
                    {"prequential", prequential_json(result)},
                    {"baselines", baselines_json(result)},
                    {"drift", drift_json(result)},
                    {"importance", importance_json(result)},
                    {"counters", counters_json(result.model.counters())}};
  if (const auto teacher = result.model.teacher())
    json["teacher"] = teacher_json(*teacher, result.plan.task);
  if (!result.folds.empty()) json["folds"] = folds_json(result);
  if (result.tests.empty()) return json;
  json["test"] = test_json(result.tests.front(), result.plan);
  json["tests"] = ordered_json::array();
  for (const TestResult& test : result.tests) json["tests"].push_back(test_json(test, result.plan));
  return json;
}

}  // namespace haltere::agent
