#include "agent/table/context.hpp"

#include <string>

#include "config/text.hpp"
#include "fusion/row_context.hpp"
#include "learner/mahalanobis.hpp"

namespace haltere::agent {
namespace {

/// The first column that tells the time of day over some days; empty without one.
std::string find_day_column(const TableScan& scan) {
  for (std::size_t i = 0; i < scan.header().size(); ++i)
    if (scan.facts(i).spans_days()) return scan.header().name(i);
  return {};
}

void note_context(TablePlan& plan) {
  std::string lengths;
  for (const std::size_t length : plan.context)
    lengths += (lengths.empty() ? "" : ", ") + std::to_string(length);
  std::string note =
      "beside each column the model sees its step, its mean and its deviation over " + lengths +
      " rows";
  if (!plan.day_column.empty())
    note += ", and the time of day in " + config::in_quotes(plan.day_column);
  plan.notes.push_back(note + " (--context)");
}

}  // namespace

void choose_context(TablePlan& plan, const TableScan& scan) {
  if (plan.settings.context) {
    plan.context = *plan.settings.context;
  } else if (plan.task == learner::Task::anomaly) {
    plan.context = fusion::context_lengths(scan.normal_rows() > 0 ? scan.normal_rows() : plan.rows,
                                           plan.features.size(), learner::Mahalanobis::full_inputs);
  }
  if (plan.context.empty()) return;
  plan.day_column = find_day_column(scan);
  note_context(plan);
}

}  // namespace haltere::agent
