// What the columns of a table mean to a model.

#include "agent/table/plan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/table/advice.hpp"
#include "agent/table/context.hpp"
#include "agent/table/scan.hpp"
#include "agent/table/targets.hpp"
#include "config/text.hpp"
#include "models/kernels/recipe.hpp"
#include "sensors/csv_dialect.hpp"

namespace haltere::agent {
namespace {

using config::in_quotes;
using learner::Task;
using sensors::Cell;

/// A feature that is missing more often than this is left out.
constexpr double most_missing = 0.5;

/// Names of columns that say when or which, if they also rise.
constexpr std::array<std::string_view, 16> running_names{
    "t",  "time", "timestamp", "ts",  "date",  "datetime", "seconds", "epoch",
    "id", "no",   "nr",        "row", "index", "idx",      "number",  "sample"};

bool is_pipe(const std::string& path) {
  struct stat info {};
  return path == "-" || (stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode));
}

bool is_running_name(const std::string& name) {
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto ends = [&](std::string_view word) {
    return lower == word || (lower.size() > word.size() && lower.ends_with(word) &&
                             !(lower[lower.size() - word.size() - 1] >= 'a' &&
                               lower[lower.size() - word.size() - 1] <= 'z'));
  };
  return std::ranges::any_of(running_names, ends);
}

bool holds(const std::vector<std::string>& names, const TableHeader& header, std::size_t column,
           const std::string& path) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    const Result<std::size_t> found = header.find(path, name);
    return found && *found == column;
  });
}

bool names_truth(const std::string& name) {
  constexpr std::array<std::string_view, 6> words{"anomal", "abnormal",    "label",
                                                  "fault",  "changepoint", "attack"};
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::ranges::any_of(
      words, [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

/// Chooses among the columns of a table that was scanned.
class Chooser {
 public:
  Chooser(const TableScan& scan, TablePlan& plan, std::string path)
      : scan_(scan), plan_(plan), path_(std::move(path)) {}

  Status run(const std::vector<std::size_t>& targets) {
    if (Status named = check_names(); !named) return named;
    for (std::size_t i = 0; i < scan_.header().size(); ++i) {
      if (std::ranges::find(targets, i) != targets.end() || !is_wanted(i)) continue;
      const std::string reason = reason_against(i);
      if (!reason.empty()) {
        leave_out(i, reason);
      } else if (has_stray_texts(i)) {
        return scan_.text_error(i);
      } else {
        add(i);
      }
    }
    return {};
  }

 private:
  /// Whether the columns that were named are there.
  [[nodiscard]] Status check_names() const {
    for (const auto* names : {&plan_.settings.columns, &plan_.settings.leave_out})
      for (const std::string& name : *names)
        if (const auto found = scan_.header().find(path_, name); !found) return found.error();
    return {};
  }

  /// Texts among the numbers of column `i` that nobody said how to take.
  [[nodiscard]] bool has_stray_texts(std::size_t i) const {
    const ColumnFacts& facts = scan_.facts(i);
    return !facts.is_category() && facts.text_cells() > 0 && !plan_.settings.skip_bad_rows;
  }

  [[nodiscard]] bool is_wanted(std::size_t i) const {
    const auto& only = plan_.settings.columns;
    return only.empty() || holds(only, scan_.header(), i, path_);
  }

  void leave_out(std::size_t i, const std::string& reason) {
    const std::string& name = scan_.header().name(i);
    // The separators that end every line of some tables name nothing: not worth a word.
    if (!scan_.header().is_named(i) && scan_.facts(i).is_empty()) return;
    plan_.left_out.emplace_back(name, reason);
    plan_.notes.push_back("column " + in_quotes(name) + " is left out: " + reason);
  }

  /// Why column `i` is no feature; empty if it is one.
  [[nodiscard]] std::string reason_against(std::size_t i) const {
    const ColumnFacts& facts = scan_.facts(i);
    const TableHeader& header = scan_.header();
    if (holds(plan_.settings.leave_out, header, i, path_)) return "as asked";
    if (header.is_repeated(i)) return "another column has that name; rename it";
    if (header.unit(i) == "skip") return "the header says so";
    if (facts.is_empty()) return "it is empty";
    if (plan_.settings.columns.empty() &&
        static_cast<double>(facts.missing()) > most_missing * static_cast<double>(scan_.rows()))
      return "more than half of it is missing";
    if (facts.is_constant() && (facts.is_category() || !plan_.settings.every_number))
      return "it never changes";
    if (facts.is_category() && facts.texts().full())
      return facts.is_time()
                 ? "it is the time"
                 : "it holds more than " + std::to_string(plan_.settings.most_categories) +
                       " different texts";
    return plan_.settings.columns.empty() ? reason_unless_named(i) : "";
  }

  /// What speaks against a column that nobody asked for by name.
  [[nodiscard]] std::string reason_unless_named(std::size_t i) const {
    const ColumnFacts& facts = scan_.facts(i);
    const TableHeader& header = scan_.header();
    if (facts.is_category() && facts.is_time()) return "it is the time";
    if (header.name(i) == "t" || header.name(i) == "t:s" || header.name(i) == "t_s")
      return "it is the time";
    if (plan_.task == Task::anomaly && names_truth(header.name(i)) && facts.is_flag())
      return "it seems to say what is abnormal (--target; to learn from it: --columns)";
    if (facts.is_category()) return "";
    if (facts.counts() && (is_running_name(header.name(i)) || !plan_.settings.every_number))
      return "it counts the rows";
    if (facts.rises() && is_running_name(header.name(i))) return "it is a time or a number of rows";
    return "";
  }

  void add(std::size_t i) {
    const ColumnFacts& facts = scan_.facts(i);
    TableInput input;
    input.column = scan_.header().name(i);
    if (facts.is_category()) {
      for (const std::string& text : facts.texts().texts())
        input.categories.push_back(clean_text(text));
    } else {
      input.first = static_cast<float>(facts.first());
      input.keep_last = plan_.settings.fill == Fill::last ||
                        (plan_.settings.fill == Fill::automatic && facts.moves_slowly());
    }
    for (std::size_t c = input.categories.size() == 2 ? 1 : 0; c < input.categories.size(); ++c)
      plan_.features.push_back(input.column + '=' + input.categories[c]);
    if (input.categories.empty()) plan_.features.push_back(input.column);
    plan_.inputs.push_back(std::move(input));
  }

  const TableScan& scan_;
  TablePlan& plan_;
  std::string path_;
};

Status check_plan(const TablePlan& plan, const std::string& path) {
  if (plan.features.empty())
    return Error{ErrorKind::invalid,
                 path + " has no column of numbers or of a few texts that vary to learn from" +
                     reasons_text(plan)};
  if (plan.features.size() > models::max_units)
    return Error{ErrorKind::invalid, path + " makes " + std::to_string(plan.features.size()) +
                                         " features, more than " +
                                         std::to_string(models::max_units) +
                                         "; choose some with --columns or --leave-out"};
  return {};
}

Result<TablePlan> scan_and_choose(TablePlan plan, sensors::CsvReader csv, const std::string& path) {
  const TableHeader header(csv.header());
  const Result<std::vector<std::size_t>> targets = find_targets(plan, header, path);
  if (!targets) return targets.error();
  name_targets(plan, header, *targets);
  TableScan scan(std::move(csv), path, plan, *targets);
  if (const Status read = scan.run(); !read) return read.error();
  plan.rows = scan.rows();
  if (plan.rows == 0) return Error{ErrorKind::invalid, path + " has a header but no rows"};
  plan.labels = scan.labels().labels();
  plan.label_rows = scan.labels().rows();
  if (const Status good = check_targets(plan, scan, *targets, path); !good) return good.error();
  if (const Status chosen = Chooser(scan, plan, path).run(*targets); !chosen) return chosen.error();
  if (const Status checked = check_plan(plan, path); !checked) return checked.error();
  for (std::size_t i = 0; i < header.size() && plan.rows_per_day <= 0.0; ++i)
    plan.rows_per_day = scan.facts(i).rows_per_day();
  choose_context(plan, scan);
  warn(plan, scan, *targets);
  return plan;
}

}  // namespace

int truth_of(Cell cell, std::string_view text, double value) {
  if (cell == Cell::missing) return -1;
  if (cell == Cell::number) return value != 0.0 ? 1 : 0;
  std::string word = label_of(text);
  for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::array<std::string_view, 6> normal{"false", "no", "normal", "ok", "good", "none"};
  constexpr std::array<std::string_view, 7> abnormal{"true",      "yes",   "abnormal", "anomaly",
                                                     "anomalous", "fault", "bad"};
  if (std::ranges::find(normal, word) != normal.end()) return 0;
  return std::ranges::find(abnormal, word) != abnormal.end() ? 1 : -2;
}

Result<sensors::CsvReader> open_table(const std::string& path, const TableSettings& settings) {
  sensors::CsvDialect dialect = sensors::guess_dialect_of_file(path);
  if (settings.separator) dialect.separator = *settings.separator;
  if (settings.decimal_mark) dialect.decimal_mark = *settings.decimal_mark;
  if (settings.header) dialect.header = *settings.header;
  dialect.units = dialect.units && dialect.header;
  return sensors::CsvReader::open(path, dialect);
}

Result<TablePlan> plan_table(const std::string& path, Task task, const std::string& target,
                             const TableSettings& settings) {
  if (is_pipe(path))
    return Error{ErrorKind::invalid, "a table is read twice, so it must be a file, not a pipe"};
  const auto start = std::chrono::steady_clock::now();
  Result<sensors::CsvReader> csv = open_table(path, settings);
  if (!csv) return csv.error();
  TablePlan draft;
  draft.task = task;
  draft.target = target;
  draft.settings = settings;
  draft.dialect = csv->dialect();
  describe_dialect(draft);
  Result<TablePlan> plan = scan_and_choose(std::move(draft), std::move(csv).value(), path);
  if (!plan) return plan;
  std::error_code unknown;
  const std::uintmax_t bytes = std::filesystem::file_size(path, unknown);
  plan->bytes = unknown ? 0 : bytes;
  plan->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return plan;
}

Status add_labels(TablePlan& plan, const std::string& path) {
  if (plan.task != Task::classify) return {};
  Result<sensors::CsvReader> csv = open_table(path, plan.settings);
  if (!csv) return csv.error();
  const Result<std::size_t> target = TableHeader(csv->header()).find(path, plan.target);
  if (!target) return target.error();
  const CellReader cells(csv->dialect().decimal_mark, plan.settings.missing);
  LabelCounts counts;
  sensors::CsvRow row;
  std::size_t bad = 0;
  while (true) {
    const Result<bool> more = next_row(*csv, row, plan.settings.skip_bad_rows, bad);
    if (!more) return more.error();
    if (!*more) break;
    double value = 0.0;
    if (cells.read(row[*target], value) == Cell::missing) continue;
    if (Status added = counts.add(row[*target], plan.target); !added) return added;
  }
  return merge_labels(plan, counts.labels(), path);
}

}  // namespace haltere::agent
