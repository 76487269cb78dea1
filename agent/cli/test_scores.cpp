#include "agent/cli/test_scores.hpp"

namespace haltere::agent {
namespace {

using learner::Prediction;
using learner::Target;
using learner::Task;

void count(TestScores& scores, Task task, const Prediction& prediction, const Target& target) {
  if (!prediction.valid) return;
  switch (task) {
    case Task::classify:
      if (prediction.label < 0) return;
      scores.answers.add(static_cast<std::size_t>(target.label),
                         static_cast<std::size_t>(prediction.label));
      return;
    case Task::regress:
      scores.errors.add(static_cast<double>(target.value), static_cast<double>(prediction.value));
      return;
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

TestResult nothing_tested(Task task, std::size_t classes, const std::string& table) {
  if (task != Task::classify) classes = 2;
  TestResult test{table, 0, {}, TestScores(classes), TestScores(classes), {}};
  if (task == Task::anomaly)
    test.by_scorer.assign(learner::anomaly_scorers.size(), TestScores(classes));
  return test;
}

}  // namespace haltere::agent
