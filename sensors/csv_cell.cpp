// What stands in the fields of a CSV file: numbers, missing values, column names with units.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <system_error>

#include "sensors/csv.hpp"

namespace haltere::sensors {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

bool means_missing(std::string_view text) {
  constexpr std::array<std::string_view, 11> words{"",    "nan",  "-nan", "+nan", "na", "n/a",
                                                   "#na", "#n/a", "<na>", "null", "?"};
  if (text.size() > 4) return false;
  return std::ranges::any_of(words,
                             [&](std::string_view w) { return equals_ignoring_case(text, w); });
}

bool is_pseudo_unit(std::string_view unit) {
  return unit == "segment" || unit == "label" || unit == "skip";
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

Cell parse_cell(std::string_view text, double& value) {
  text = trim(text);
  if (!text.empty() && parse_plain_decimal(text, 0, value) == text.size()) return Cell::number;
  value = std::numeric_limits<double>::quiet_NaN();
  if (means_missing(text)) return Cell::missing;
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);  // not in from_chars
  double parsed = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(parsed)) {
    return Cell::text;
  }
  value = parsed;
  return Cell::number;
}

Cell parse_comma_cell(std::string_view text, double& value) {
  constexpr std::size_t most_digits = 64;  // no number is written longer
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos && text.find('.') == std::string_view::npos)
    return parse_cell(text, value);
  value = std::numeric_limits<double>::quiet_NaN();
  if (text.size() > most_digits || comma == std::string_view::npos ||
      text.find('.') != std::string_view::npos)
    return Cell::text;
  std::array<char, most_digits> pointed{};
  std::ranges::copy(text, pointed.begin());
  pointed[comma] = '.';
  return parse_cell({pointed.data(), text.size()}, value);
}

CsvColumn parse_csv_column(std::string_view text) {
  text = trim(text);
  CsvColumn column{.text = std::string(text), .name = std::string(text), .unit = {}, .scale = {}};
  const std::size_t colon = text.rfind(':');
  const std::size_t split = colon != std::string_view::npos ? colon : text.rfind('_');
  if (split == std::string_view::npos || split == 0) return column;
  const std::string_view unit = text.substr(split + 1);
  const Result<config::UnitScale> scale = config::find_unit(unit);
  if (!scale && colon == std::string_view::npos) return column;
  if (scale && !is_pseudo_unit(unit)) column.scale = *scale;
  column.name = text.substr(0, split);
  column.unit = unit;
  return column;
}

int find_csv_column(std::span<const CsvColumn> columns, std::string_view name) {
  const auto exact = std::ranges::find(columns, name, &CsvColumn::text);
  if (exact != columns.end()) return static_cast<int>(exact - columns.begin());
  if (std::ranges::count(columns, name, &CsvColumn::name) != 1) return -1;
  return static_cast<int>(std::ranges::find(columns, name, &CsvColumn::name) - columns.begin());
}

}  // namespace haltere::sensors
