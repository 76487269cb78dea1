#include "agent/table/advice.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "agent/table/cells.hpp"
#include "config/text.hpp"

namespace haltere::agent {
namespace {

using config::in_quotes;
using learner::Task;

constexpr std::size_t few_rows = 100;
constexpr std::size_t few_of_a_class = 10;

/// A class this many times rarer than the largest hides in the accuracy.
constexpr std::size_t unbalanced = 10;

std::string separator_name(char separator) {
  if (separator == '\t') return "tabs";
  return separator == ' ' ? "blanks" : in_quotes(std::string(1, separator));
}

/// Columns by the numbers in them that look like codes for "missing".
using Codes = std::map<long, std::string>;

void find_code(Codes& codes, const TableScan& scan, std::size_t column) {
  double code = 0.0;
  if (!scan.facts(column).find_code(code)) return;
  std::string& columns = codes[std::lround(code)];
  columns += (columns.empty() ? "" : ", ") + in_quotes(scan.header().name(column));
}

void warn_of_codes(TablePlan& plan, const Codes& codes) {
  for (const auto& [code, columns] : codes) {
    std::string text = std::to_string(code);
    text += " stands again and again in ";
    text += columns;
    text += ", far from the other numbers: if it means a missing value, say --missing ";
    text += std::to_string(code);
    plan.warnings.push_back(std::move(text));
  }
}

void warn_of_input(TablePlan& plan, const TableScan& scan, std::size_t i) {
  const std::string name = in_quotes(scan.header().name(i));
  if (scan.facts(i).rises() && scan.rows() >= few_rows)
    plan.warnings.push_back("column " + name + " rises from row to row: if it is a time or a " +
                            "counter, say --leave-out " + name);
}

void warn_of_classes(TablePlan& plan) {
  const std::size_t most = std::ranges::max(plan.label_rows);
  std::string rare;
  for (std::size_t i = 0; i < plan.labels.size(); ++i) {
    if (plan.label_rows[i] >= few_of_a_class && plan.label_rows[i] * unbalanced > most) continue;
    rare += (rare.empty() ? "" : ", ") + in_quotes(plan.labels[i]) + " with " +
            std::to_string(plan.label_rows[i]);
  }
  if (rare.empty()) return;
  plan.warnings.push_back("few of the " + std::to_string(plan.rows) + " rows are of class " + rare +
                          ": judge by kappa, macro F1 and the recall of each class; what is "
                          "remembered to learn from again is balanced over the classes");
}

}  // namespace

void describe_dialect(TablePlan& plan) {
  const sensors::CsvDialect& dialect = plan.dialect;
  std::string text;
  if (dialect.separator != ',')
    text += "fields are parted by " + separator_name(dialect.separator) + " (--separator)";
  if (dialect.decimal_mark != '.')
    text += (text.empty() ? "" : ", ") + std::string("numbers have a decimal comma (--decimal)");
  if (!dialect.header)
    text += (text.empty() ? "" : ", ") +
            std::string("the first line is data, so the columns are c1, c2, ... (--header)");
  if (dialect.row_names)
    text += (text.empty() ? "" : ", ") +
            std::string("the first field of each row has no column and is passed over as its name");
  if (dialect.units)
    text += (text.empty() ? "" : ", ") +
            std::string("the line below the header holds units and is passed over");
  if (!text.empty()) plan.notes.push_back(text);
}

void warn(TablePlan& plan, const TableScan& scan, const std::vector<std::size_t>& targets) {
  if (plan.rows < few_rows)
    plan.warnings.push_back("only " + std::to_string(plan.rows) +
                            " rows: figures this small mean little");
  if (plan.task == Task::classify) warn_of_classes(plan);
  Codes codes;
  for (std::size_t i = 0; i < scan.header().size(); ++i) {
    const bool is_target = std::ranges::find(targets, i) != targets.end();
    const bool is_input = !is_target && std::ranges::find(plan.inputs, scan.header().name(i),
                                                          &TableInput::column) != plan.inputs.end();
    if (is_input || (is_target && plan.task == Task::regress)) find_code(codes, scan, i);
    if (is_input) warn_of_input(plan, scan, i);
  }
  warn_of_codes(plan, codes);
}

std::string reasons_text(const TablePlan& plan) {
  std::string text;
  for (const auto& [column, reason] : plan.left_out)
    text += (text.empty() ? ": " : "; ") + in_quotes(column) + ": " + reason;
  return text;
}

Status merge_labels(TablePlan& plan, const std::vector<std::string>& labels,
                    const std::string& path) {
  std::string unknown;
  for (const std::string& label : labels) {
    const auto at = std::ranges::lower_bound(plan.labels, label, label_before);
    if (at != plan.labels.end() && *at == label) continue;
    if (plan.labels.size() == learner::max_labels)
      return Error{ErrorKind::invalid, "with " + path + ", column " + in_quotes(plan.target) +
                                           " has more than " + std::to_string(learner::max_labels) +
                                           " different values; for numbers use --task regress"};
    unknown += (unknown.empty() ? "" : ", ") + in_quotes(label);
    plan.label_rows.insert(plan.label_rows.begin() + (at - plan.labels.begin()), 0);
    plan.labels.insert(at, label);
  }
  if (!unknown.empty())
    plan.warnings.push_back(path + " has classes that the table to learn from has not: " + unknown);
  return {};
}

}  // namespace haltere::agent
