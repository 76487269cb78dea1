#pragma once

#include "agent/table/plan.hpp"
#include "agent/table/scan.hpp"

namespace haltere::agent {

/// Decides what of the rows before stands beside each row of an anomaly table, unless the plan's
/// settings say, and notes it: what is abnormal often shows only against the recent past.
void choose_context(TablePlan& plan, const TableScan& scan);

}  // namespace haltere::agent
