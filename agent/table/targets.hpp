#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/table/header.hpp"
#include "agent/table/plan.hpp"
#include "agent/table/scan.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// The names in "A,B".
[[nodiscard]] std::vector<std::string> split_at_commas(const std::string& text);

/// Columns of what `plan.target` names: one, or for regress several, "A,B"; none for an anomaly
/// model without. Errors: invalid when one is not there, is named twice, or they are too many.
[[nodiscard]] Result<std::vector<std::size_t>> find_targets(const TablePlan& plan,
                                                            const TableHeader& header,
                                                            const std::string& path);

/// Puts the names that the header gives these columns into `plan`.
void name_targets(TablePlan& plan, const TableHeader& header,
                  const std::vector<std::size_t>& columns);

/// Whether the targets of a table that was scanned suit the task. Errors: invalid, saying why not.
[[nodiscard]] Status check_targets(const TablePlan& plan, const TableScan& scan,
                                   const std::vector<std::size_t>& columns,
                                   const std::string& path);

}  // namespace haltere::agent
