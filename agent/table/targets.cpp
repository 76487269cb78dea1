#include "agent/table/targets.hpp"

#include <algorithm>
#include <string_view>

#include "config/text.hpp"
#include "learner/model_settings.hpp"

namespace haltere::agent {
namespace {

using config::in_quotes;
using learner::Task;

/// The names in `plan.target`, which is one if a column is called so, commas and all.
std::vector<std::string> names_in(const TablePlan& plan, const TableHeader& header,
                                  const std::string& path) {
  if (plan.task != Task::regress || header.find(path, plan.target)) return {plan.target};
  return split_at_commas(plan.target);
}

Status check_target(const TablePlan& plan, const TableScan& scan, std::size_t column,
                    const std::string& path) {
  const ColumnFacts& facts = scan.facts(column);
  const std::string name = "column " + in_quotes(scan.header().name(column)) + " of " + path;
  if (plan.task == Task::classify && plan.labels.size() < 2)
    return Error{ErrorKind::invalid, name +
                                         " has one value only: there is nothing to tell apart; "
                                         "use --task anomaly to learn what is normal"};
  if (plan.task == Task::anomaly && scan.normal_rows() == 0 && facts.numbers() > 0)
    return Error{ErrorKind::invalid,
                 name + " calls no row normal (0), so there is nothing to learn from"};
  if (plan.task != Task::regress) return {};
  if (facts.numbers() == 0)
    return Error{ErrorKind::invalid, name + " holds no number; for texts use --task classify"};
  if (facts.text_cells() > 0 && !plan.settings.skip_bad_rows) return scan.text_error(column);
  if (facts.is_constant())
    return Error{ErrorKind::invalid, name + " never changes: there is nothing to predict"};
  return {};
}

}  // namespace

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  while (true) {
    const std::size_t comma = text.find(',', from);
    parts.push_back(text.substr(from, comma - from));
    if (comma == std::string::npos) return parts;
    from = comma + 1;
  }
}

Result<std::vector<std::size_t>> find_targets(const TablePlan& plan, const TableHeader& header,
                                              const std::string& path) {
  // An anomaly model learns from tables without labels too.
  const bool optional = plan.task == Task::anomaly;
  std::vector<std::size_t> columns;
  if (plan.target.empty() && optional) return columns;
  if (plan.target.empty())
    return Error{ErrorKind::invalid,
                 "--target COLUMN is needed for this task; the columns are " + header.list()};
  for (const std::string& name : names_in(plan, header, path)) {
    const Result<std::size_t> found = header.find(path, name);
    if (!found && optional) return columns;
    if (!found) return found.error();
    if (std::ranges::find(columns, *found) != columns.end())
      return Error{ErrorKind::invalid, "--target names column " + in_quotes(name) + " twice"};
    // Rows are read by columns' names, which would find the earlier one.
    if (header.is_repeated(*found))
      return Error{ErrorKind::invalid, "column " + std::to_string(*found + 1) + " of " + path +
                                           " is called " + in_quotes(header.name(*found)) +
                                           ", as an earlier one is; rename one of them"};
    columns.push_back(*found);
  }
  if (columns.size() > learner::max_values)
    return Error{ErrorKind::invalid,
                 "--target names more than " + std::to_string(learner::max_values) + " columns"};
  return columns;
}

void name_targets(TablePlan& plan, const TableHeader& header,
                  const std::vector<std::size_t>& columns) {
  if (columns.empty()) return;
  plan.target.clear();
  for (const std::size_t column : columns) {
    plan.targets.push_back(header.name(column));
    plan.target += (plan.target.empty() ? "" : ",") + header.name(column);
  }
}

Status check_targets(const TablePlan& plan, const TableScan& scan,
                     const std::vector<std::size_t>& columns, const std::string& path) {
  for (const std::size_t column : columns)
    if (Status good = check_target(plan, scan, column, path); !good) return good;
  return {};
}

}  // namespace haltere::agent
