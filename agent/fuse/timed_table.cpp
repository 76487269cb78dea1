#include "agent/fuse/timed_table.hpp"

#include <array>
#include <cmath>

#include "config/text.hpp"
#include "sensors/csv_dialect.hpp"

namespace haltere::agent {
namespace {

using sensors::Cell;

constexpr double longest_time_s = 4e9;  // nanoseconds and their differences fit in 64 bits

}  // namespace

Error TimedTable::wrong(const std::string& what) const {
  return {ErrorKind::invalid, path_ + ": " + what};
}

Result<TimedTable> TimedTable::open(const std::string& path, double rate_hz) {
  auto csv = sensors::CsvReader::open(path, sensors::guess_dialect_of_file(path));
  if (!csv) return csv.error();
  TimedTable table(std::move(csv).value(), path, rate_hz);
  constexpr std::array<std::string_view, 3> names{"t", "time", "timestamp"};
  const auto time = table.find(names, config::Dimension::time);
  if (!time) return time.error();
  table.time_ = *time;
  if (!time->found() && !(rate_hz > 0.0)) {
    return table.wrong("has no column 't'; --rate says how many rows are a second");
  }
  return table;
}

Result<TableColumn> TimedTable::find(std::span<const std::string_view> names,
                                     config::Dimension dimension) const {
  for (const std::string_view name : names) {
    const int index = sensors::find_csv_column(csv_.header(), name);
    if (index < 0) continue;
    const sensors::CsvColumn& column = csv_.header()[static_cast<std::size_t>(index)];
    if (column.unit.empty() || column.scale.dimension == dimension) {
      return TableColumn{index, column.scale};
    }
    return wrong("column " + config::in_quotes(column.text) + " should be of " +
                 std::string(config::dimension_name(dimension)));
  }
  return TableColumn{};
}

Result<bool> TimedTable::next() {
  const Result<bool> more = csv_.next(row_);
  if (!more) return more.error();
  if (!*more) return false;
  double time_s = static_cast<double>(rows_++) / (rate_hz_ > 0.0 ? rate_hz_ : 1.0);
  if (time_.found()) {
    const auto read = number(time_);
    if (!read) return read.error();
    time_s = *read;
  }
  has_time_ = std::abs(time_s) < longest_time_s;
  time_ns_ = has_time_ ? static_cast<std::int64_t>(std::llround(1e9 * time_s)) : 0;
  return true;
}

Result<double> TimedTable::number(const TableColumn& column) const {
  const auto field = static_cast<std::size_t>(column.index);
  double value = 0.0;
  const Cell cell = csv_.dialect().decimal_mark == ','
                        ? sensors::parse_comma_cell(row_[field], value)
                        : sensors::parse_cell(row_[field], value);
  if (cell == Cell::text) {
    return csv_.error_at(row_.column(field), config::in_quotes(row_[field]) + " is not a number");
  }
  return value * column.scale.factor + column.scale.offset;
}

}  // namespace haltere::agent
