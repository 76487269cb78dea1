#pragma once

#include <string>

#include "config/result.hpp"

namespace haltere::agent {

/// Rows a second of a CSV file, by the median step of its column of times: `t`, `time` or
/// `timestamp`, in seconds or with a unit, as `t:ms`. 0 if there is none. Errors: those of
/// CsvReader.
[[nodiscard]] Result<double> rate_of_table(const std::string& path);

/// The name of that column; empty if there is none. Errors: likewise.
[[nodiscard]] Result<std::string> time_column_of(const std::string& path);

}  // namespace haltere::agent
