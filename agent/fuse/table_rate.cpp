#include "agent/fuse/table_rate.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "agent/table/plan.hpp"
#include "agent/table/scan.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {
namespace {

constexpr std::size_t looked_at_rows = 10'000;

/// Which column of `csv` tells the time; its number of columns if none does.
std::size_t find_time(const sensors::CsvReader& csv) {
  constexpr std::array<std::string_view, 3> names{"t", "time", "timestamp"};
  const auto& columns = csv.header();
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (std::ranges::find(names, columns[i].name) != names.end()) return i;
  return columns.size();
}

/// Positive steps of column `column`, in its unit.
Result<std::vector<double>> steps_of(sensors::CsvReader& csv, std::size_t column) {
  const CellReader cells(csv.dialect().decimal_mark, {});
  std::vector<double> steps;
  sensors::CsvRow row;
  std::size_t bad = 0;
  double before = 0.0;
  bool has_before = false;
  for (std::size_t r = 0; r < looked_at_rows; ++r) {
    const Result<bool> more = next_row(csv, row, true, bad);
    if (!more) return more.error();
    if (!*more) break;
    double value = 0.0;
    if (cells.read(row[column], value) != sensors::Cell::number) continue;
    if (has_before && value > before) steps.push_back(value - before);
    before = value;
    has_before = true;
  }
  return steps;
}

}  // namespace

Result<std::string> time_column_of(const std::string& path) {
  const Result<sensors::CsvReader> csv = open_table(path, {});
  if (!csv) return csv.error();
  const std::size_t column = find_time(*csv);
  return column < csv->header().size() ? csv->header()[column].text : std::string();
}

Result<double> rate_of_table(const std::string& path) {
  Result<sensors::CsvReader> csv = open_table(path, {});
  if (!csv) return csv.error();
  const std::size_t column = find_time(*csv);
  if (column == csv->header().size()) return 0.0;
  Result<std::vector<double>> steps = steps_of(*csv, column);
  if (!steps) return steps.error();
  if (steps->empty()) return 0.0;
  const auto middle = steps->begin() + static_cast<std::ptrdiff_t>(steps->size() / 2);
  std::ranges::nth_element(*steps, middle);
  return 1.0 / (*middle * csv->header()[column].scale.factor);
}

}  // namespace haltere::agent
