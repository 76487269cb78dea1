#pragma once

#include <string>
#include <vector>

#include "agent/table/plan.hpp"
#include "agent/table/scan.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// Notes what is unusual about the dialect of the table and how to say otherwise.
void describe_dialect(TablePlan& plan);

/// Warns of what is probably a mistake: numbers that look like codes for "missing", few rows, few
/// rows of a class, features that rise all along or look like the truth. `target`: its column or
/// -1.
void warn(TablePlan& plan, const TableScan& scan, const std::vector<std::size_t>& targets);

/// ": 'a' never changes; 'b' is empty", for a message; empty when nothing was left out.
[[nodiscard]] std::string reasons_text(const TablePlan& plan);

/// Adds those of `labels`, found in the table `path`, that `plan` does not know, and warns of them.
/// Errors: invalid when there are too many.
Status merge_labels(TablePlan& plan, const std::vector<std::string>& labels,
                    const std::string& path);

}  // namespace haltere::agent
