#include "agent/fuse/window_run.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/fuse/table_rate.hpp"
#include "agent/fuse/window_plot.hpp"
#include "agent/outputs/output_file.hpp"
#include "agent/table/plan.hpp"
#include "config/text.hpp"

namespace haltere::agent {
namespace {

/// The table's columns of numbers; texts have no windows.
Result<TablePlan> plan_numbers(const std::string& path, TableSettings reading) {
  Result<TablePlan> plan = plan_table(path, learner::Task::anomaly, "", reading);
  if (!plan) return plan;
  const std::size_t before = reading.leave_out.size();
  for (const TableInput& input : plan->inputs)
    if (!input.categories.empty()) reading.leave_out.push_back(input.column);
  if (reading.leave_out.size() == before) return plan;
  return plan_table(path, learner::Task::anomaly, "", reading);
}

/// A row per window: the number and the time, if there is one, of its last row, and its features.
class WindowFile {
 public:
  WindowFile(OutputFile file, bool has_time) : file_(std::move(file)), has_time_(has_time) {}

  void name(const std::string& time, const std::vector<std::string>& features) {
    file_.text("row");
    if (has_time_) file_.text(",").field(time);
    for (const std::string& feature : features) file_.text(",").field(feature);
    file_.text("\n");
  }

  void add(const TableRows& rows, std::span<const float> features) {
    file_.number(rows.row_number());
    if (has_time_) file_.text(",").field(rows.group());
    for (const float feature : features) file_.text(",").number(feature);
    file_.text("\n");
  }

  Status finish() { return file_.finish(); }

 private:
  OutputFile file_;
  bool has_time_;
};

Result<WindowCounts> write_windows(TableRows& rows, WindowFile& file, WindowPlot* plot) {
  WindowCounts counts{.features = rows.names().size()};
  std::vector<float> features(counts.features);
  learner::Target target;
  while (true) {
    const Result<bool> more = rows.next(features, target);
    if (!more) return more.error();
    if (!*more) break;
    ++counts.windows;
    file.add(rows, features);
    if (plot != nullptr) plot->add(*rows.window(), rows.row_number());
  }
  counts.rows = rows.row_number();
  if (const Status written = file.finish(); !written) return written.error();
  return counts;
}

/// What of the table is read: neither its times nor what parts its recordings.
TableSettings reading_of(const WindowRequest& request, const std::string& time) {
  TableSettings reading = request.reading;
  reading.context.emplace();  // rows as they are
  reading.every_number = true;
  if (!time.empty()) reading.leave_out.push_back(time);
  if (!request.windowing.trigger.empty()) reading.leave_out.push_back(request.windowing.trigger);
  if (!request.windowing.segment.empty()) reading.leave_out.push_back(request.windowing.segment);
  return reading;
}

/// What is left out and why, except what the caller left out.
std::vector<std::string> remarks_of(const TablePlan& plan) {
  std::vector<std::string> remarks;
  const auto& asked = plan.settings.leave_out;
  for (const auto& [column, reason] : plan.left_out) {
    if (std::ranges::find(asked, column) != asked.end()) continue;
    remarks.push_back(config::in_quotes(column));
    remarks.back().append(" is left out: ").append(reason);
  }
  return remarks;
}

Result<WindowCounts> windows_of(const WindowRequest& request, TableRows& rows, WindowFile& file) {
  if (request.plot.empty()) return write_windows(rows, file, nullptr);
  WindowPlot plot;
  Result<WindowCounts> counts = write_windows(rows, file, &plot);
  if (!counts) return counts;
  Result<OutputFile> picture = OutputFile::create(request.plot);
  if (!picture) return picture.error();
  picture->text(plot.svg(request.table.substr(request.table.rfind('/') + 1)));
  const Status drawn = picture->finish();
  if (!drawn) return drawn.error();
  return counts;
}

}  // namespace

Result<WindowCounts> run_windows(const WindowRequest& request) {
  const Result<std::string> time = time_column_of(request.table);
  if (!time) return time.error();
  const Result<TablePlan> plan = plan_numbers(request.table, reading_of(request, *time));
  if (!plan) return plan.error();
  Result<TableRows> rows = TableRows::open(request.table, *plan, request.windowing, *time);
  if (!rows) return rows.error();
  Result<OutputFile> file =
      OutputFile::create(request.output == "-" ? "/dev/stdout" : request.output);
  if (!file) return file.error();
  WindowFile windows(std::move(file).value(), !time->empty());
  windows.name(*time, rows->names());
  Result<WindowCounts> counts = windows_of(request, *rows, windows);
  if (counts) counts->remarks = remarks_of(*plan);
  return counts;
}

}  // namespace haltere::agent
