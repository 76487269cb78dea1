#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/table/cells.hpp"
#include "agent/table/header.hpp"
#include "agent/table/plan.hpp"
#include "config/result.hpp"
#include "learner/online_model.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// What a reader met that is not a plain row.
struct TableCounts {
  std::size_t without_target = 0;   ///< rows passed over for want of a target
  std::size_t incomplete = 0;       ///< rows passed over for a missing number (Fill::none)
  std::size_t bad = 0;              ///< lines passed over that could not be read
  std::size_t unknown_texts = 0;    ///< cells with a text that the plan does not know
  std::vector<std::size_t> filled;  ///< of each input, numbers that were missing and stood in for

  [[nodiscard]] std::size_t passed_over() const { return without_target + incomplete + bad; }
};

/// What stands in for missing numbers, of each input. It depends on earlier rows alone.
struct TableFill {
  std::vector<double> last;
  std::vector<double> mean;
  std::vector<double> rows;  ///< of the mean
};

/// The rows of a table as a model wants them, in file order and constant memory.
class TableReader {
 public:
  /// `plan` must outlive the reader. Errors: those of CsvReader; invalid for a missing column.
  [[nodiscard]] static Result<TableReader> open(const std::string& path, const TablePlan& plan);

  /// Reads the next usable row into features [plan.features] and target; false at the end. Rows
  /// without a target are passed over; for anomaly they are of unknown truth. Errors: invalid, with
  /// the place.
  Result<bool> next(std::span<float> features, learner::Target& target);

  /// From now on rows without a target are given too: label -1, value NaN.
  void keep_without_target() { keep_without_target_ = true; }

  /// Rows read so far: the number, from 1, of the one read last.
  [[nodiscard]] std::size_t row_number() const { return rows_ + counts_.bad; }
  [[nodiscard]] const TableCounts& counts() const { return counts_; }
  [[nodiscard]] std::size_t passed_over() const { return counts_.passed_over(); }
  [[nodiscard]] bool has_target() const { return !target_columns_.empty(); }

  /// The text of column `column` in the row read last.
  [[nodiscard]] std::string_view cell(std::size_t column) const { return row_[column]; }
  [[nodiscard]] const TableHeader& header() const { return header_; }

  /// What would stand in now; to go on with in another table.
  [[nodiscard]] const TableFill& fill() const { return fill_; }
  void set_fill(const TableFill& fill) { fill_ = fill; }

 private:
  TableReader(sensors::CsvReader csv, const TablePlan& plan);
  enum class Taken { used, passed_over };
  Result<Taken> take(std::span<float> features, learner::Target& target);
  Result<bool> take_number(std::size_t input, float& feature);
  void take_category(std::size_t input, std::span<float> features);
  Result<Taken> take_target(learner::Target& target);
  Taken without_target(learner::Target& target);
  Result<Taken> take_values(learner::Target& target);

  sensors::CsvReader csv_;
  const TablePlan* plan_;
  TableHeader header_;
  CellReader cells_;
  LabelFinder labels_;
  sensors::CsvRow row_;
  std::vector<std::size_t> columns_;  ///< field of each input
  TableFill fill_;
  std::vector<std::size_t> target_columns_;  ///< regress: of each target
  bool keep_without_target_ = false;
  std::size_t rows_ = 0;
  TableCounts counts_;
};

}  // namespace haltere::agent
