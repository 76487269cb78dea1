#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "learner/model_settings.hpp"
#include "learner/online_model.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// What the columns of a table mean to a model, found by reading the whole table once: features are
/// the columns of numbers that vary. Times, row counters, text, constants and columns that are
/// mostly missing are left out, and `notes` says so.
struct TablePlan {
  learner::Task task = learner::Task::classify;
  std::string target;                 ///< name of its column; empty = none (anomaly)
  std::vector<std::string> features;  ///< names of their columns, in the table's order
  std::vector<std::string> labels;    ///< classify: every value of the target, sorted
  std::size_t rows = 0;               ///< of the table, those with missing values too
  std::vector<std::string> notes;     ///< one sentence each, for the user
};

/// Reads `path` and decides. Errors: those of CsvReader; invalid when it is a pipe, when the target
/// is not there or does not suit the task, when no feature is left, or when text stands among
/// numbers, with the place.
[[nodiscard]] Result<TablePlan> plan_table(const std::string& path, learner::Task task,
                                           const std::string& target);

/// Adds labels of another table's target that `plan` does not know. Errors: as plan_table.
[[nodiscard]] Status add_labels(TablePlan& plan, const std::string& path);

/// The rows of a table as a model wants them, in file order and constant memory. Rows with a
/// missing feature or target are passed over and counted.
class TableReader {
 public:
  /// `plan` must outlive the reader. Errors: those of CsvReader; invalid for a missing column.
  [[nodiscard]] static Result<TableReader> open(const std::string& path, const TablePlan& plan);

  /// Reads the next usable row into features [plan.features] and target; false at the end. Errors:
  /// invalid, with the place.
  Result<bool> next(std::span<float> features, learner::Target& target);

  [[nodiscard]] std::size_t passed_over() const { return passed_over_; }

 private:
  TableReader(sensors::CsvReader csv, const TablePlan& plan);
  Result<bool> take(std::span<float> features, learner::Target& target);
  Result<bool> take_target(learner::Target& target);

  sensors::CsvReader csv_;
  const TablePlan* plan_;
  sensors::CsvRow row_;
  std::vector<int> columns_;  ///< field of each feature
  int target_column_ = -1;
  std::size_t passed_over_ = 0;
};

}  // namespace haltere::agent
