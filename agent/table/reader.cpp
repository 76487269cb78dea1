#include "agent/table/reader.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "agent/table/scan.hpp"
#include "config/text.hpp"

namespace haltere::agent {

using config::in_quotes;
using learner::Task;
using sensors::Cell;

TableReader::TableReader(sensors::CsvReader csv, const TablePlan& plan)
    : csv_(std::move(csv)),
      plan_(&plan),
      header_(csv_.header()),
      cells_(csv_.dialect().decimal_mark, plan.settings.missing),
      labels_(plan.labels) {
  for (const TableInput& input : plan.inputs) {
    fill_.last.push_back(static_cast<double>(input.first));
    fill_.mean.push_back(static_cast<double>(input.first));
    fill_.rows.push_back(0.0);
  }
  counts_.filled.assign(plan.inputs.size(), 0);
}

Result<TableReader> TableReader::open(const std::string& path, const TablePlan& plan) {
  Result<sensors::CsvReader> csv = open_table(path, plan.settings);
  if (!csv) return csv.error();
  TableReader reader(std::move(csv).value(), plan);
  for (const TableInput& input : plan.inputs) {
    const Result<std::size_t> column = reader.header_.find(path, input.column);
    if (!column) return column.error();
    reader.columns_.push_back(*column);
  }
  if (plan.target.empty()) return reader;
  const std::vector<std::string> alone{plan.target};
  for (const std::string& name : plan.targets.size() > 1 ? plan.targets : alone) {
    const Result<std::size_t> target = reader.header_.find(path, name);
    if (!target && plan.task != Task::anomaly) return target.error();
    if (target) reader.target_columns_.push_back(*target);
  }
  return reader;
}

Result<bool> TableReader::next(std::span<float> features, learner::Target& target) {
  while (true) {
    Result<bool> more = next_row(csv_, row_, plan_->settings.skip_bad_rows, counts_.bad);
    if (!more || !*more) return more;
    const Result<Taken> taken = take(features, target);
    if (!taken) {
      if (!plan_->settings.skip_bad_rows) return taken.error();
      ++counts_.bad;
      continue;
    }
    ++rows_;
    if (*taken == Taken::used) return true;
  }
}

Result<TableReader::Taken> TableReader::take(std::span<float> features, learner::Target& target) {
  std::size_t at = 0;
  bool complete = true;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t width = plan_->inputs[i].width();
    if (plan_->inputs[i].categories.empty()) {
      const Result<bool> there = take_number(i, features[at]);
      if (!there) return there.error();
      complete = complete && *there;
    } else {
      take_category(i, features.subspan(at, width));
    }
    at += width;
  }
  Result<Taken> taken = take_target(target);
  if (!taken || *taken == Taken::passed_over || complete) return taken;
  ++counts_.incomplete;
  return Taken::passed_over;
}

/// False for a missing number that nothing stands in for.
Result<bool> TableReader::take_number(std::size_t input, float& feature) {
  const std::size_t field = columns_[input];
  double value = 0.0;
  const Cell cell = cells_.read(row_[field], value);
  if (cell == Cell::number) {
    fill_.last[input] = value;
    fill_.rows[input] += 1.0;
    fill_.mean[input] += (value - fill_.mean[input]) / fill_.rows[input];
    feature = static_cast<float>(value);
    return true;
  }
  if (cell == Cell::text && !means_no_number(row_[field]))
    return csv_.error_at(row_.column(field),
                         in_quotes(clean_text(row_[field])) + " in column " +
                             in_quotes(plan_->inputs[input].column) +
                             " is not a number; --bad-rows skip passes over such rows");
  if (plan_->settings.fill == Fill::none) return false;
  ++counts_.filled[input];
  feature =
      static_cast<float>(plan_->inputs[input].keep_last ? fill_.last[input] : fill_.mean[input]);
  return true;
}

void TableReader::take_category(std::size_t input, std::span<float> features) {
  std::ranges::fill(features, 0.0F);
  const std::string_view cell = row_[columns_[input]];
  double value = 0.0;
  if (cells_.read(cell, value) == Cell::missing) return;
  const std::vector<std::string>& categories = plan_->inputs[input].categories;
  const auto at = std::ranges::find(categories, clean_text(cell));
  if (at == categories.end()) {
    ++counts_.unknown_texts;
    return;
  }
  const auto index = static_cast<std::size_t>(at - categories.begin());
  if (features.size() > 1) {
    features[index] = 1.0F;
  } else {
    features[0] = index == 1 ? 1.0F : 0.0F;
  }
}

Result<TableReader::Taken> TableReader::take_target(learner::Target& target) {
  target = {};
  if (target_columns_.empty()) return Taken::used;
  if (plan_->task == Task::regress) return take_values(target);
  const std::size_t field = target_columns_.front();
  double value = 0.0;
  const Cell cell = cells_.read(row_[field], value);
  if (plan_->task == Task::anomaly) {
    target.label = std::max(truth_of(cell, row_[field], value), -1);
    return Taken::used;
  }
  if (cell != Cell::missing) target.label = labels_.find(row_[field]);
  return cell != Cell::missing ? Taken::used : without_target(target);
}

TableReader::Taken TableReader::without_target(learner::Target& target) {
  target.value = std::numeric_limits<float>::quiet_NaN();
  if (keep_without_target_) return Taken::used;
  ++counts_.without_target;
  return Taken::passed_over;
}

/// regress: all targets of a row, or none of them.
Result<TableReader::Taken> TableReader::take_values(learner::Target& target) {
  for (std::size_t t = 0; t < target_columns_.size(); ++t) {
    const std::size_t field = target_columns_[t];
    double value = 0.0;
    const Cell cell = cells_.read(row_[field], value);
    const bool no_number = cell == Cell::text && means_no_number(row_[field]);
    if (cell == Cell::missing || no_number) return without_target(target);
    if (cell == Cell::text)
      return csv_.error_at(row_.column(field),
                           "the target " + in_quotes(clean_text(row_[field])) + " is not a number");
    learner::value_at(target, t) = static_cast<float>(value);
  }
  return Taken::used;
}

}  // namespace haltere::agent
