#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/learn/folds.hpp"
#include "agent/learn/history.hpp"
#include "agent/learn/origin.hpp"
#include "agent/learn/test_scores.hpp"
#include "agent/table/plan.hpp"
#include "agent/table/rows.hpp"
#include "config/result.hpp"
#include "learner/model_settings.hpp"

namespace haltere::agent {

/// What `haltere learn` was asked to do.
struct LearnRequest {
  std::string table;
  std::vector<std::string> tests;
  std::string target;
  std::string model_id;       ///< provenance of the bundle; from the table's name
  std::uint32_t version = 1;  ///< likewise
  /// anomaly: CSV of a score and a decision per row of the first test, without one of the table
  /// itself, each before learning from it; empty = not wanted.
  std::string scores;
  std::optional<LearnOrigin> origin;  ///< a model to learn on from; none: from nothing
  TableSettings reading;
  std::optional<Windowing> windowing;  ///< none: learn from rows as they are
  FoldSettings folds;
  learner::ModelSettings model;
  /// anomaly: rows taken as normal without being judged; none: all with tests, else 15 %, at most
  /// those of `model`.
  std::optional<std::size_t> learn_normal;
  std::optional<double> false_alarms_per_day;  ///< anomaly: in place of the model's share of rows
  /// CSV of what each feature speaks for in the answer to each row of the first test, else of the
  /// table, each before learning from it; empty = not wanted.
  std::string contributions;
  bool show_progress = false;  ///< on stderr
};

/// A model that learned a table in one pass, and how it did.
struct LearnResult {
  std::string table;
  TablePlan plan;
  std::vector<std::string> features;  ///< names of the model's inputs
  std::vector<std::uint8_t> recipe;   ///< how they come about
  learner::OnlineModel model;
  LearnHistory history;
  bool windowed = false;  ///< learned from windows, not rows
  std::size_t rows = 0;   ///< of either
  TableCounts counts{};
  std::size_t passed_over_windows = 0;
  TableFill fill{};      ///< as of the last row
  double seconds = 0.0;  ///< of the pass, reading included
  std::vector<std::uint8_t> bundle{};
  std::vector<TestResult> tests{};
  std::vector<FoldsResult> folds{};  ///< one entry if they were asked for
  std::vector<double> importance{};  ///< of each feature, by exchanging it among remembered rows
};

/// A fresh model for rows of `features`. Errors: those of the settings.
[[nodiscard]] Result<learner::OnlineModel> create_learner(const LearnRequest& request,
                                                          const TablePlan& plan,
                                                          std::span<const std::string> features);

/// `model` as it stands, quantized. `target_names`: of a regression. Errors: those of the
/// quantizer.
[[nodiscard]] Result<std::vector<std::uint8_t>> make_bundle(
    const learner::OnlineModel& model, const LearnRequest& request,
    const std::vector<std::string>& target_names, const std::vector<std::uint8_t>& recipe);

/// Learns the table in file order in one pass, quantizes, answers the tests with both models, and
/// cross-validates if asked. Errors: those of the tables, the settings and the quantizer.
[[nodiscard]] Result<LearnResult> run_learn(const LearnRequest& request);

}  // namespace haltere::agent
