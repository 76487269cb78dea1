#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/table/plan.hpp"
#include "agent/table/reader.hpp"
#include "learner/metrics.hpp"
#include "learner/online_model.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {

/// How one model, float or int8, answered the rows of a table; what its task does not use is empty.
struct TestScores {
  /// `intervals`: as many as targets, or none.
  TestScores(std::size_t classes, std::size_t targets, std::size_t interval_count)
      : answers(classes), errors(targets), intervals(interval_count) {}

  learner::Confusion answers;              ///< classify; anomaly with a target: normal, abnormal
  std::vector<learner::ErrorSums> errors;  ///< regress: of each target
  std::vector<learner::IntervalMetrics> intervals;  ///< likewise, if they were asked for
  std::size_t scored = 0;                           ///< anomaly: rows, those of unknown truth too
  std::vector<float> scores;                        ///< anomaly, of the rows whose truth is known
  std::vector<std::uint8_t> abnormal;               ///< anomaly: that truth
};

/// How the float and the int8 model answered the same rows.
struct TestResult {
  std::string table;
  std::size_t rows = 0;
  TableCounts counts;
  TestScores as_float;
  TestScores as_int8;
  std::vector<TestScores> by_scorer;  ///< anomaly: the float model's, by learner::AnomalyScorer

  /// Counts the answers of both to one row.
  void add(learner::Task task, const learner::Prediction& by_float,
           const learner::Prediction& by_int8, const learner::Target& target);
};

/// A result of `table` without rows yet; `with_intervals`: beside a regression's answers.
[[nodiscard]] TestResult nothing_tested(const TablePlan& plan, const std::string& table,
                                        bool with_intervals);

}  // namespace haltere::agent
