#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/table/cells.hpp"
#include "agent/table/column_facts.hpp"
#include "agent/table/header.hpp"
#include "agent/table/plan.hpp"
#include "config/result.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// The different values of a classifier's target with their rows, sorted as labels.
class LabelCounts {
 public:
  /// Counts a cell that is not missing. Errors: invalid when there are too many labels.
  Status add(std::string_view cell, const std::string& target);

  [[nodiscard]] const std::vector<std::string>& labels() const { return labels_; }
  [[nodiscard]] const std::vector<std::size_t>& rows() const { return rows_; }

 private:
  std::vector<std::string> labels_;
  std::vector<std::size_t> rows_;
  std::string newest_;  ///< the cell before, as it stood, and its label
  std::size_t newest_label_ = 0;
};

/// Reads a whole table once and collects what was seen of its columns.
class TableScan {
 public:
  /// Task, target's name and settings are those of `plan`; `targets` are its columns.
  TableScan(sensors::CsvReader csv, std::string path, const TablePlan& plan,
            std::vector<std::size_t> targets);

  /// Errors: those of CsvReader; invalid for a target that does not suit the task.
  Status run();

  [[nodiscard]] const TableHeader& header() const { return header_; }
  [[nodiscard]] const ColumnFacts& facts(std::size_t column) const { return facts_[column]; }
  [[nodiscard]] const LabelCounts& labels() const { return labels_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t normal_rows() const { return normal_rows_; }

  /// Where the first text of `column` stood, as an error about it.
  [[nodiscard]] Error text_error(std::size_t column) const;

 private:
  struct Place {
    int line = 0;
    int column = 0;
    std::string text;
  };

  Status take(const sensors::CsvRow& row);
  Status take_target(const sensors::CsvRow& row, std::size_t column);

  sensors::CsvReader csv_;
  std::string path_;
  TableHeader header_;
  CellReader cells_;
  learner::Task task_;
  std::string target_name_;
  std::vector<std::size_t> targets_;
  bool skip_bad_rows_;
  std::vector<ColumnFacts> facts_;
  std::vector<Place> first_texts_;
  LabelCounts labels_;
  std::size_t rows_ = 0;
  std::size_t normal_rows_ = 0;  ///< anomaly: by the target
};

/// Reads the next row that is not blank: not of separators alone. With `skip_bad`, lines that are
/// no row are counted in `bad` and passed over. False at the end. Errors: those of CsvReader.
Result<bool> next_row(sensors::CsvReader& csv, sensors::CsvRow& row, bool skip_bad,
                      std::size_t& bad);

}  // namespace haltere::agent
