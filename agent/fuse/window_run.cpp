#include "agent/fuse/window_run.hpp"

#include <vector>

#include "agent/cli/output_file.hpp"
#include "agent/fuse/table_rate.hpp"
#include "agent/table/plan.hpp"

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

}  // namespace

Result<WindowCounts> run_windows(const WindowRequest& request) {
  TableSettings reading = request.reading;
  reading.context.emplace();  // rows as they are
  const Result<std::string> time = time_column_of(request.table);
  if (!time) return time.error();
  if (!time->empty()) reading.leave_out.push_back(*time);
  if (!request.windowing.segment.empty()) reading.leave_out.push_back(request.windowing.segment);
  const Result<TablePlan> plan = plan_numbers(request.table, reading);
  if (!plan) return plan.error();
  Result<TableRows> rows = TableRows::open(request.table, *plan, request.windowing, *time);
  if (!rows) return rows.error();
  Result<OutputFile> file =
      OutputFile::create(request.output == "-" ? "/dev/stdout" : request.output);
  if (!file) return file.error();
  file->text("row");
  if (!time->empty()) file->text(",").field(*time);
  for (const std::string& name : rows->names()) file->text(",").field(name);
  file->text("\n");
  WindowCounts counts{.features = rows->names().size()};
  std::vector<float> features(counts.features);
  learner::Target target;
  while (true) {
    const Result<bool> more = rows->next(features, target);
    if (!more) return more.error();
    if (!*more) break;
    ++counts.windows;
    file->number(rows->row_number());
    if (!time->empty()) file->text(",").field(rows->group());
    for (const float feature : features) file->text(",").number(feature);
    file->text("\n");
  }
  counts.rows = rows->row_number();
  if (const Status written = file->finish(); !written) return written.error();
  return counts;
}

}  // namespace haltere::agent
