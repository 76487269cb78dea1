#include "agent/cli/table.hpp"

#include <algorithm>
#include <utility>

#include "agent/cli/table_cells.hpp"
#include "config/text.hpp"

namespace haltere::agent {

using config::in_quotes;
using learner::Task;
using sensors::Cell;

TableReader::TableReader(sensors::CsvReader csv, const TablePlan& plan)
    : csv_(std::move(csv)), plan_(&plan) {}

Result<TableReader> TableReader::open(const std::string& path, const TablePlan& plan) {
  Result<sensors::CsvReader> csv = sensors::CsvReader::open(path);
  if (!csv) return csv.error();
  TableReader reader(std::move(csv).value(), plan);
  for (const std::string& feature : plan.features) {
    const Result<int> column = find_column(reader.csv_, path, feature);
    if (!column) return column.error();
    reader.columns_.push_back(*column);
  }
  if (plan.target.empty()) return reader;
  const Result<int> target = find_column(reader.csv_, path, plan.target);
  if (!target && plan.task != Task::anomaly) return target.error();
  if (target) reader.target_column_ = *target;
  return reader;
}

Result<bool> TableReader::next(std::span<float> features, learner::Target& target) {
  while (true) {
    Result<bool> more = csv_.next(row_);
    if (!more || !*more) return more;
    Result<bool> taken = take(features, target);
    if (!taken || *taken) return taken;
    ++passed_over_;
  }
}

/// False for a row with a missing value.
Result<bool> TableReader::take(std::span<float> features, learner::Target& target) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto field = static_cast<std::size_t>(columns_[i]);
    double value = 0.0;
    switch (sensors::parse_cell(row_[field], value)) {
      case Cell::missing: return false;
      case Cell::number: features[i] = static_cast<float>(value); break;
      case Cell::text:
        return csv_.error_at(row_.column(field), in_quotes(row_[field]) + " in column " +
                                                     in_quotes(plan_->features[i]) +
                                                     " is not a number");
    }
  }
  return take_target(target);
}

Result<bool> TableReader::take_target(learner::Target& target) {
  target = {};
  if (target_column_ < 0) return true;
  const auto field = static_cast<std::size_t>(target_column_);
  double value = 0.0;
  const Cell cell = sensors::parse_cell(row_[field], value);
  if (cell == Cell::missing) return false;
  if (plan_->task == Task::classify) {
    const auto at = std::ranges::lower_bound(plan_->labels, label_of(row_[field]), label_before);
    target.label = static_cast<int>(at - plan_->labels.begin());
    return true;
  }
  if (cell == Cell::text)
    return csv_.error_at(row_.column(field),
                         "the target " + in_quotes(row_[field]) + " is not a number");
  target.value = static_cast<float>(value);
  target.label = value != 0.0 ? 1 : 0;
  return true;
}

}  // namespace haltere::agent
