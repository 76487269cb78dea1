#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/table/settings.hpp"
#include "config/result.hpp"
#include "learner/online_model.hpp"
#include "models/bundle.hpp"

namespace haltere::agent {

/// Where the rows for a bundle's model come from.
struct BundleRowsRequest {
  std::string path;     ///< CSV
  std::string target;   ///< its column; empty: the one that suits the bundle
  std::string segment;  ///< windows: as for Windowing
  TableSettings reading;
};

/// Rows of a table as a bundle's model wants them.
struct BundleRows {
  std::size_t inputs = 0;
  std::string target;                       ///< name of the column, or names with commas between
  std::vector<std::string> target_names{};  ///< each
  std::vector<float> values;                ///< [count][inputs], raw
  std::vector<learner::Target> targets;     ///< labels as the bundle numbers them
};

/// Most rows that are kept; of more, as many at random.
inline constexpr std::size_t most_bundle_rows = 20'000;

/// Reads a table that has the columns which `bundle`'s recipe names, in windows if it says so, and
/// a target: the columns of its regression, or one that holds its labels; anomaly: which rows are
/// abnormal, if a target was named, and none otherwise. Errors: those of the table; invalid for a
/// column that is missing, a label that the model does not know, or a bundle that answers
/// intervals.
[[nodiscard]] Result<BundleRows> read_bundle_rows(const models::Bundle& bundle,
                                                  const BundleRowsRequest& request);

}  // namespace haltere::agent
