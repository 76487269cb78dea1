#include "agent/table/scan.hpp"

#include <algorithm>
#include <utility>

#include "config/text.hpp"

namespace haltere::agent {

using config::in_quotes;
using learner::Task;
using sensors::Cell;

namespace {

/// Whether what is wrong with `line` may be passed over; else an error with advice. `bad_line`: the
/// one passed over last.
Status pass_over(const Error& error, bool skip_bad, int line, int& bad_line) {
  if (error.kind != ErrorKind::invalid) return error;
  if (!skip_bad)
    return Error{error.kind, error.message + "; --bad-rows skip passes over such lines"};
  // What makes no progress, an endless line, cannot be passed over.
  if (line == bad_line) return error;
  bad_line = line;
  return {};
}

/// A line of separators alone.
bool is_blank(const sensors::CsvRow& row) {
  const bool starts_blank = row.size() == 0 || row[0].empty() || row[0].front() == ' ';
  if (!starts_blank) return false;
  return std::ranges::all_of(row.fields(),
                             [](std::string_view field) { return sensors::trim(field).empty(); });
}

}  // namespace

Result<bool> next_row(sensors::CsvReader& csv, sensors::CsvRow& row, bool skip_bad,
                      std::size_t& bad) {
  int bad_line = 0;
  while (true) {
    Result<bool> more = csv.next(row);
    if (more && (!*more || !is_blank(row))) return more;
    if (more) continue;
    if (Status passed = pass_over(more.error(), skip_bad, csv.line(), bad_line); !passed)
      return passed.error();
    ++bad;
  }
}

Status LabelCounts::add(std::string_view cell, const std::string& target) {
  if (!labels_.empty() && cell == newest_) {
    ++rows_[newest_label_];
    return {};
  }
  std::string label = label_of(cell);
  const auto at = std::ranges::lower_bound(labels_, label, label_before);
  newest_label_ = static_cast<std::size_t>(at - labels_.begin());
  newest_ = cell;
  if (at != labels_.end() && *at == label) {
    ++rows_[newest_label_];
    return {};
  }
  if (labels_.size() == learner::max_labels)
    return Error{ErrorKind::invalid, "column " + in_quotes(target) + " has more than " +
                                         std::to_string(learner::max_labels) +
                                         " different values; for numbers use --task regress"};
  labels_.insert(at, std::move(label));
  rows_.insert(rows_.begin() + static_cast<std::ptrdiff_t>(newest_label_), 1);
  return {};
}

TableScan::TableScan(sensors::CsvReader csv, std::string path, const TablePlan& plan,
                     std::vector<std::size_t> targets)
    : csv_(std::move(csv)),
      path_(std::move(path)),
      header_(csv_.header()),
      cells_(csv_.dialect().decimal_mark, plan.settings.missing),
      task_(plan.task),
      target_name_(plan.target),
      targets_(std::move(targets)),
      skip_bad_rows_(plan.settings.skip_bad_rows),
      facts_(header_.size(), ColumnFacts(plan.settings.most_categories)),
      first_texts_(header_.size()) {}

Status TableScan::run() {
  sensors::CsvRow row;
  std::size_t bad = 0;
  while (true) {
    const Result<bool> more = next_row(csv_, row, skip_bad_rows_, bad);
    if (!more) return more.error();
    if (!*more) return {};
    ++rows_;
    if (Status taken = take(row); !taken) return taken;
  }
}

Status TableScan::take(const sensors::CsvRow& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    double value = 0.0;
    const Cell cell = cells_.read(row[i], value);
    if (cell == Cell::text && facts_[i].text_cells() == 0 && !means_no_number(row[i]))
      first_texts_[i] = {csv_.line(), row.column(i), clean_text(row[i])};
    facts_[i].add(cell, row[i], value);
  }
  return targets_.empty() ? Status() : take_target(row, targets_.front());
}

Status TableScan::take_target(const sensors::CsvRow& row, std::size_t column) {
  double value = 0.0;
  const Cell cell = cells_.read(row[column], value);
  if (cell == Cell::missing || task_ == Task::regress) return {};
  if (task_ == Task::classify) return labels_.add(row[column], target_name_);
  const int truth = truth_of(cell, row[column], value);
  if (truth == 0) ++normal_rows_;
  if (truth > -2 || skip_bad_rows_) return {};
  return csv_.error_at(row.column(column),
                       in_quotes(clean_text(row[column])) + " in column " +
                           in_quotes(target_name_) +
                           " is neither normal nor abnormal: 0 and 1, false and true, no and yes, "
                           "normal and abnormal are understood");
}

Error TableScan::text_error(std::size_t column) const {
  const Place& place = first_texts_[column];
  const std::string& name = header_.name(column);
  return {ErrorKind::invalid, path_ + ":" + std::to_string(place.line) + ":" +
                                  std::to_string(place.column) + ": " + in_quotes(place.text) +
                                  " in column " + in_quotes(name) + " is not a number, but " +
                                  std::to_string(facts_[column].numbers()) +
                                  " others are; if it means a missing value "
                                  "say --missing '" +
                                  place.text + "', to pass over such rows --bad-rows skip" +
                                  (std::ranges::find(targets_, column) != targets_.end()
                                       ? ""
                                       : ", to do without the column --leave-out '" + name + "'")};
}

}  // namespace haltere::agent
