#include "agent/learn/test_scores.hpp"

namespace haltere::agent {
namespace {

using learner::Prediction;
using learner::Target;
using learner::Task;

void count_values(TestScores& scores, const Prediction& prediction, const Target& target) {
  const std::size_t targets = scores.errors.size();
  const auto answer = [&](std::size_t index) {
    return static_cast<double>(learner::value_at(prediction, index));
  };
  for (std::size_t t = 0; t < targets; ++t)
    scores.errors[t].add(static_cast<double>(learner::value_at(target, t)), answer(t));
  for (std::size_t t = 0; t < scores.intervals.size(); ++t)
    scores.intervals[t].add(static_cast<double>(learner::value_at(target, t)), answer(targets + t),
                            answer(2 * targets + t));
}

void count(TestScores& scores, Task task, const Prediction& prediction, const Target& target) {
  if (!prediction.valid) return;
  switch (task) {
    case Task::classify:
      if (prediction.label < 0) return;
      scores.answers.add(static_cast<std::size_t>(target.label),
                         static_cast<std::size_t>(prediction.label));
      return;
    case Task::regress: count_values(scores, prediction, target); return;
    case Task::anomaly:
      ++scores.scored;
      if (target.label < 0) return;
      scores.scores.push_back(prediction.value);
      scores.abnormal.push_back(target.label == 1 ? 1 : 0);
      scores.answers.add(target.label == 1 ? 1 : 0, prediction.abnormal ? 1 : 0);
      return;
  }
}

/// The answer as it would be by one scorer alone.
Prediction by(learner::AnomalyScorer scorer, Prediction prediction) {
  prediction.value = prediction.scores.of(scorer);
  prediction.abnormal = prediction.scores.is_abnormal(scorer);
  return prediction;
}

}  // namespace

void TestResult::add(Task task, const Prediction& by_float, const Prediction& by_int8,
                     const Target& target) {
  ++rows;
  count(as_float, task, by_float, target);
  count(as_int8, task, by_int8, target);
  for (std::size_t s = 0; s < by_scorer.size(); ++s)
    count(by_scorer[s], task, by(learner::anomaly_scorers[s], by_float), target);
}

TestResult nothing_tested(const TablePlan& plan, const std::string& table, bool with_intervals) {
  const std::size_t classes = plan.task == Task::classify ? plan.labels.size() : 2;
  const std::size_t targets = plan.task == Task::regress ? plan.targets.size() : 0;
  const TestScores none(classes, targets, with_intervals ? targets : 0);
  TestResult test{table, 0, {}, none, none, {}};
  if (plan.task == Task::anomaly) test.by_scorer.assign(learner::anomaly_scorers.size(), none);
  return test;
}

}  // namespace haltere::agent
