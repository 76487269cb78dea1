#include "agent/cli/table_cells.hpp"

#include <array>
#include <charconv>
#include <vector>

#include "config/settings.hpp"
#include "config/text.hpp"

namespace haltere::agent {

using sensors::Cell;

std::string label_of(std::string_view text) {
  double value = 0.0;
  const std::string_view trimmed = sensors::trim(text);
  if (sensors::parse_cell(trimmed, value) != Cell::number) return std::string(trimmed);
  std::array<char, 32> digits{};
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return {digits.data(), end};
}

bool label_before(const std::string& a, const std::string& b) {
  double left = 0.0;
  double right = 0.0;
  const bool left_number = sensors::parse_cell(a, left) == Cell::number;
  const bool right_number = sensors::parse_cell(b, right) == Cell::number;
  if (left_number != right_number) return left_number;
  return left_number ? left < right : a < b;
}

Result<int> find_column(const sensors::CsvReader& csv, const std::string& path,
                        const std::string& name) {
  const int column = sensors::find_csv_column(csv.header(), name);
  if (column >= 0) return column;
  std::vector<std::string_view> names;
  for (const sensors::CsvColumn& candidate : csv.header()) names.emplace_back(candidate.text);
  return Error{ErrorKind::invalid, path + " has no column " + config::in_quotes(name) +
                                       config::suggestion(name, names)};
}

}  // namespace haltere::agent
