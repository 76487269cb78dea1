#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "config/result.hpp"
#include "config/units.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// A column of numbers in a CSV file and how they become SI.
struct TableColumn {
  int index = -1;  ///< -1: the table has no such column
  config::UnitScale scale;

  [[nodiscard]] bool found() const { return index >= 0; }
};

/// A CSV file of measurements with the time of each, read once from front to back.
class TimedTable {
 public:
  /// Opens `path` and finds its time: `t`, `time` or `timestamp`, in seconds or with a unit;
  /// `rate_hz` rows a second where it has none (0 = not known). Errors: those of CsvReader; invalid
  /// (no time and no rate).
  [[nodiscard]] static Result<TimedTable> open(const std::string& path, double rate_hz);

  /// The first of `names` that the table has. Errors: invalid (a unit of another dimension).
  [[nodiscard]] Result<TableColumn> find(std::span<const std::string_view> names,
                                         config::Dimension dimension) const;

  /// Reads the next row; false at the end. Errors: those of CsvReader; invalid (a time of text).
  [[nodiscard]] Result<bool> next();

  /// Whether the row's time is known, and small enough to count in nanoseconds.
  [[nodiscard]] bool has_time() const { return has_time_; }
  [[nodiscard]] std::int64_t time_ns() const { return time_ns_; }
  [[nodiscard]] std::size_t rows() const { return rows_; }

  /// The row's cell in SI; not a number where it is blank. Errors: invalid (text).
  [[nodiscard]] Result<double> number(const TableColumn& column) const;

  /// An error of kind invalid about the whole table.
  [[nodiscard]] Error wrong(const std::string& what) const;

 private:
  TimedTable(sensors::CsvReader csv, std::string path, double rate_hz)
      : csv_(std::move(csv)), path_(std::move(path)), rate_hz_(rate_hz) {}

  sensors::CsvReader csv_;
  sensors::CsvRow row_;
  std::string path_;
  double rate_hz_;
  TableColumn time_;
  std::size_t rows_ = 0;
  std::int64_t time_ns_ = 0;
  bool has_time_ = false;
};

}  // namespace haltere::agent
