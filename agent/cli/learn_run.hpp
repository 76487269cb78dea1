#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agent/table/plan.hpp"
#include "agent/table/reader.hpp"
#include "config/result.hpp"
#include "learner/metrics.hpp"
#include "learner/model_settings.hpp"

namespace haltere::agent {

/// What `haltere learn` was asked to do.
struct LearnRequest {
  std::string table;
  std::vector<std::string> tests;
  std::string target;
  std::string model_id;  ///< provenance of the bundle; from the table's name
  /// anomaly: CSV of a score and a decision per row of the first test, without one of the table
  /// itself, each before learning from it; empty = not wanted.
  std::string scores;
  TableSettings reading;
  learner::ModelSettings model;
  bool show_progress = false;  ///< on stderr
};

/// How one model, float or int8, answered the rows of a table; what its task does not use is empty.
struct TestScores {
  explicit TestScores(std::size_t classes) : answers(classes) {}

  learner::Confusion answers;          ///< classify; anomaly with a target: normal, abnormal
  learner::ErrorSums errors;           ///< regress
  std::vector<float> scores;           ///< anomaly, one per row
  std::vector<std::uint8_t> abnormal;  ///< anomaly: the truth, one per row
};

struct TestResult {
  std::string table;
  std::size_t rows = 0;
  TableCounts counts;
  TestScores as_float;
  TestScores as_int8;
  std::vector<TestScores> by_scorer;  ///< anomaly: the float model's, by learner::AnomalyScorer
};

/// A model that learned a table in one pass, and how it did.
struct LearnResult {
  std::string table;
  TablePlan plan;
  learner::OnlineModel model;
  std::size_t rows = 0;
  TableCounts counts;
  TableFill fill;        ///< as of the last row
  double seconds = 0.0;  ///< of the pass, reading included
  std::vector<std::uint8_t> bundle;
  std::vector<TestResult> tests;
  std::vector<double> importance;  ///< of each feature, by exchanging it among remembered rows
};

/// Learns the table in file order in one pass, quantizes, and answers the tests with both models.
/// Errors: those of the tables, the settings and the quantizer.
[[nodiscard]] Result<LearnResult> run_learn(const LearnRequest& request);

}  // namespace haltere::agent
