// What the columns of a table mean to a model.

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "agent/cli/table.hpp"
#include "agent/cli/table_cells.hpp"
#include "config/text.hpp"

namespace haltere::agent {
namespace {

using config::in_quotes;
using learner::Task;
using sensors::Cell;

/// Beyond this many values a target is no class.
constexpr std::size_t most_labels = learner::max_labels;

/// A feature that is missing more often than this is left out rather than the rows.
constexpr double most_missing = 0.3;

/// What was seen of one column.
struct ColumnFacts {
  std::size_t numbers = 0;
  std::size_t missing = 0;
  std::size_t texts = 0;
  double first = 0.0;
  double last = 0.0;
  double lowest = 0.0;
  double highest = 0.0;
  bool counts_up = true;  ///< each number is the one before plus 1

  void add_number(double value) {
    if (numbers == 0) {
      first = lowest = highest = value;
    } else if (value != last + 1.0) {
      counts_up = false;
    }
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
    last = value;
    ++numbers;
  }
};

/// Adds a label in its place. Errors: invalid when there are too many.
Status insert_label(std::vector<std::string>& labels, std::string_view cell,
                    const std::string& target) {
  std::string label = label_of(cell);
  const auto at = std::ranges::lower_bound(labels, label, label_before);
  if (at != labels.end() && *at == label) return {};
  if (labels.size() == most_labels)
    return Error{ErrorKind::invalid, "column " + in_quotes(target) + " has more than " +
                                         std::to_string(most_labels) +
                                         " different values; for numbers use --task regress"};
  labels.insert(at, std::move(label));
  return {};
}

bool is_missing(std::string_view cell) {
  double value = 0.0;
  return sensors::parse_cell(cell, value) == Cell::missing;
}

bool is_pipe(const std::string& path) {
  struct stat info {};
  return path == "-" || (stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode));
}

/// Reads a table once and collects facts.
class Scanner {
 public:
  Scanner(sensors::CsvReader csv, TablePlan& plan, int target)
      : csv_(std::move(csv)), plan_(plan), target_(target), facts_(csv_.header().size()) {}

  Status run() {
    sensors::CsvRow row;
    while (true) {
      const Result<bool> more = csv_.next(row);
      if (!more) return more.error();
      if (!*more) return {};
      ++rows_;
      for (std::size_t i = 0; i < row.size(); ++i)
        if (Status taken = take(row, i); !taken) return taken;
    }
  }

  void choose_features() {
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (static_cast<int>(i) == target_) continue;
      const std::string reason = reason_against(i);
      const std::string& name = csv_.header()[i].text;
      if (reason.empty()) {
        plan_.features.push_back(name);
      } else {
        plan_.notes.push_back("column " + in_quotes(name) + " is left out: " + reason);
      }
    }
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  Status take(const sensors::CsvRow& row, std::size_t i) {
    const bool is_target = static_cast<int>(i) == target_;
    if (is_target && plan_.task == Task::classify)
      return is_missing(row[i]) ? Status{} : insert_label(plan_.labels, row[i], plan_.target);
    ColumnFacts& facts = facts_[i];
    double value = 0.0;
    switch (sensors::parse_cell(row[i], value)) {
      case Cell::missing: ++facts.missing; return {};
      case Cell::number: facts.add_number(value); return {};
      case Cell::text: break;
    }
    ++facts.texts;
    if (!is_target && facts.numbers == 0) return {};
    return csv_.error_at(row.column(i), in_quotes(row[i]) + " in column " +
                                            in_quotes(csv_.header()[i].text) + " is not a number");
  }

  /// Why column `i` is no feature; empty if it is one.
  [[nodiscard]] std::string reason_against(std::size_t i) const {
    const ColumnFacts& facts = facts_[i];
    const sensors::CsvColumn& column = csv_.header()[i];
    if (facts.texts > 0) return "it holds text";
    if (column.unit == "skip") return "the header says so";
    if (column.text == "t" || (column.name == "t" && column.unit == "s")) return "it is the time";
    if (static_cast<double>(facts.missing) > most_missing * static_cast<double>(rows_))
      return "more than 30 % of it is missing";
    if (facts.lowest == facts.highest) return "it never changes";
    if (facts.counts_up && facts.numbers > 2) return "it counts the rows";
    return {};
  }

  sensors::CsvReader csv_;
  TablePlan& plan_;
  int target_;
  std::vector<ColumnFacts> facts_;
  std::size_t rows_ = 0;
};

Status check_plan(const TablePlan& plan, const std::string& path) {
  if (plan.rows == 0) return Error{ErrorKind::invalid, path + " has a header but no rows"};
  if (plan.features.empty())
    return Error{ErrorKind::invalid, path + " has no column of numbers that vary to learn from"};
  if (plan.features.size() > models::max_units)
    return Error{ErrorKind::invalid,
                 path + " has more than " + std::to_string(models::max_units) + " features"};
  if (plan.task == Task::classify && plan.labels.size() < 2)
    return Error{ErrorKind::invalid, "column " + in_quotes(plan.target) + " of " + path +
                                         " has one value only: there is nothing to tell apart; "
                                         "use --task anomaly to learn what is normal"};
  return {};
}

}  // namespace

Result<TablePlan> plan_table(const std::string& path, Task task, const std::string& target) {
  if (is_pipe(path))
    return Error{ErrorKind::invalid, "a table is read twice, so it must be a file, not a pipe"};
  Result<sensors::CsvReader> csv = sensors::CsvReader::open(path);
  if (!csv) return csv.error();
  TablePlan plan;
  plan.task = task;
  plan.target = target;
  int target_column = -1;
  // An anomaly model learns from tables without labels too.
  const bool optional = task == Task::anomaly;
  if (!target.empty()) {
    const Result<int> found = find_column(*csv, path, target);
    if (!found && !optional) return found.error();
    if (found) target_column = *found;
  } else if (!optional) {
    return Error{ErrorKind::invalid, "--target COLUMN is needed for this task"};
  }
  Scanner scanner(std::move(csv).value(), plan, target_column);
  if (const Status read = scanner.run(); !read) return read.error();
  scanner.choose_features();
  plan.rows = scanner.rows();
  if (const Status checked = check_plan(plan, path); !checked) return checked.error();
  return plan;
}

Status add_labels(TablePlan& plan, const std::string& path) {
  if (plan.task != Task::classify) return {};
  Result<sensors::CsvReader> csv = sensors::CsvReader::open(path);
  if (!csv) return csv.error();
  const Result<int> target = find_column(*csv, path, plan.target);
  if (!target) return target.error();
  sensors::CsvRow row;
  while (true) {
    const Result<bool> more = csv->next(row);
    if (!more) return more.error();
    if (!*more) return {};
    const std::string_view cell = row[static_cast<std::size_t>(*target)];
    if (is_missing(cell)) continue;
    if (Status added = insert_label(plan.labels, cell, plan.target); !added) return added;
  }
}

}  // namespace haltere::agent
