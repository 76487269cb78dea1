#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/table/settings.hpp"
#include "config/result.hpp"
#include "learner/model_settings.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// One column that a model learns from: its numbers, or which of its texts a cell is.
struct TableInput {
  std::string column;
  std::vector<std::string> categories;  ///< sorted; empty = numbers
  bool keep_last = false;               ///< a missing number is the last one, else the mean so far
  float first = 0.0F;                   ///< stands in before there was any

  /// Features it makes: one per category, for two of them one that is 1 for the second. A missing
  /// or unknown category is 0 in all.
  [[nodiscard]] std::size_t width() const { return categories.size() > 2 ? categories.size() : 1; }
};

/// What the columns of a table mean to a model, found by reading the whole table once: features are
/// columns of numbers that vary and of a few texts. Times, counters, free text, constants and
/// columns that are mostly missing are left out.
struct TablePlan {
  learner::Task task = learner::Task::classify;
  std::string target;                   ///< name of its column, or names, as "A,B"; empty = none
  std::vector<std::string> targets;     ///< those names, of the columns found
  std::vector<TableInput> inputs;       ///< in the table's order
  std::vector<std::string> features;    ///< their names: "lux", "door=open"
  std::vector<std::string> labels;      ///< classify: every value of the target, sorted
  std::vector<std::size_t> label_rows;  ///< of each label, in the table
  std::vector<std::size_t> context;     ///< lengths of fusion::RowContext; empty = rows alone
  std::string day_column;               ///< whose time of day is an input; empty = none
  double rows_per_day = 0.0;            ///< by its column of times; 0 = not known
  std::size_t rows = 0;                 ///< of the table, those with missing values too
  std::uintmax_t bytes = 0;             ///< of the table
  double seconds = 0.0;                 ///< that reading it once took
  sensors::CsvDialect dialect;          ///< of the table
  TableSettings settings;               ///< it was made with
  std::vector<std::pair<std::string, std::string>> left_out;  ///< columns, and why
  std::vector<std::string> notes;                             ///< one sentence each, for the user
  std::vector<std::string> warnings;  ///< likewise, of what probably is a mistake
};

/// Opens a table in the dialect that `settings` say or its beginning shows. Errors: those of
/// CsvReader.
[[nodiscard]] Result<sensors::CsvReader> open_table(const std::string& path,
                                                    const TableSettings& settings);

/// Reads `path` and decides. Errors: those of CsvReader; invalid when it is a pipe, when the target
/// is not there or does not suit the task, when no feature is left, or when text stands among
/// numbers, with the place.
[[nodiscard]] Result<TablePlan> plan_table(const std::string& path, learner::Task task,
                                           const std::string& target,
                                           const TableSettings& settings = {});

/// Adds labels of another table's target that `plan` does not know. Errors: as plan_table.
[[nodiscard]] Status add_labels(TablePlan& plan, const std::string& path);

/// What an anomaly table's target says: 0 or `normal` and their like are 0, else 1; -1 where it
/// says nothing, -2 for a text that is neither.
[[nodiscard]] int truth_of(sensors::Cell cell, std::string_view text, double value);

}  // namespace haltere::agent
