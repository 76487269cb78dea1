#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "sensors/csv.hpp"

namespace haltere::agent {

/// The names of a table's columns, fit for reports; one without a name is called c<its number>.
class TableHeader {
 public:
  explicit TableHeader(std::span<const sensors::CsvColumn> columns);

  [[nodiscard]] std::size_t size() const { return columns_.size(); }
  [[nodiscard]] const std::string& name(std::size_t column) const { return columns_[column].text; }
  [[nodiscard]] const std::string& unit(std::size_t column) const { return columns_[column].unit; }

  /// Whether the file itself names `column`.
  [[nodiscard]] bool is_named(std::size_t column) const { return named_[column]; }

  /// Whether an earlier column has the name of `column`.
  [[nodiscard]] bool is_repeated(std::size_t column) const;

  /// Index of the column called `name`, with or without its unit, else of column number `name` from
  /// 1. Errors: invalid, for the table `path`, with the nearest name.
  [[nodiscard]] Result<std::size_t> find(const std::string& path, const std::string& name) const;

  /// The names in quotes, the first twenty.
  [[nodiscard]] std::string list() const;

 private:
  std::vector<sensors::CsvColumn> columns_;
  std::vector<bool> named_;
};

}  // namespace haltere::agent
