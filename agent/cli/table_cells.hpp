#pragma once

#include <string>
#include <string_view>

#include "config/result.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// `text` as a label: numbers in their shortest form, so that 1 and 1.0 are the same class.
[[nodiscard]] std::string label_of(std::string_view text);

/// The order of labels: numbers by value, then texts by their bytes.
[[nodiscard]] bool label_before(const std::string& a, const std::string& b);

/// Index of `name` in the header of the table `path`. Errors: invalid, with the nearest name.
[[nodiscard]] Result<int> find_column(const sensors::CsvReader& csv, const std::string& path,
                                      const std::string& name);

}  // namespace haltere::agent
