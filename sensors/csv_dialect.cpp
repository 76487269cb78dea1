#include "sensors/csv_dialect.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>
#include <vector>

namespace haltere::sensors {
namespace {

constexpr std::size_t looked_at_bytes = max_csv_record_bytes;
constexpr std::size_t looked_at_lines = 200;

/// Share of the lines that must agree: a text may hold a line break.
constexpr double enough = 0.9;

/// The rarer a character is in texts, the more it says that it parts them.
constexpr std::array separators{'\t', ';', '|', ',', ' '};

using Fields = std::vector<std::string_view>;

/// The whole lines of `text` that are neither empty nor comments.
std::vector<std::string_view> lines_of(std::string_view text) {
  constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
  if (text.starts_with(utf8_mark)) text.remove_prefix(utf8_mark.size());
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < looked_at_lines) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos && !lines.empty() && text.size() >= looked_at_bytes / 2)
      break;  // cut off
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && line.front() != '#') lines.push_back(line);
  }
  return lines;
}

/// Fields of each line with quotes undone; none for a line that cannot be split.
std::vector<std::vector<std::string>> split_all(const std::vector<std::string_view>& lines,
                                                char separator) {
  std::vector<std::vector<std::string>> all;
  CsvRow row;
  for (const std::string_view line : lines) {
    const bool split = row.split(line, separator).ok();
    row.drop_blank_tail(1);
    all.emplace_back();
    if (split) all.back().assign(row.fields().begin(), row.fields().end());
  }
  return all;
}

/// Whether nearly all lines have as many fields as the first, or fewer at most at their blank end.
bool agree(const std::vector<std::vector<std::string>>& table) {
  const std::size_t fields = table.front().size();
  if (fields < 2) return false;
  std::size_t equal = 0;
  std::size_t shorter = 0;
  std::size_t others = 0;
  for (const auto& line : table) {
    const bool blank = line.size() == 1 && trim(line.front()).empty();
    if (blank) continue;
    ++(line.size() == fields ? equal : line.size() > 1 && line.size() < fields ? shorter : others);
  }
  return equal >= shorter && static_cast<double>(others) <=
                                 (1.0 - enough) * static_cast<double>(equal + shorter + others);
}

/// Whether nearly all lines have one field more than the first, and it is a header of texts.
bool has_row_names(const std::vector<std::vector<std::string>>& table) {
  const std::vector<std::string>& header = table.front();
  if (table.size() < 2 || header.empty()) return false;
  for (const std::string& name : header) {
    double value = 0.0;
    if (parse_cell(name, value) != Cell::text) return false;
  }
  const auto named = std::count_if(table.begin() + 1, table.end(), [&](const auto& line) {
    return line.size() == header.size() + 1;
  });
  return static_cast<double>(named) >= enough * static_cast<double>(table.size() - 1);
}

char guess_separator(const std::vector<std::string_view>& lines) {
  for (const char candidate : separators)
    if (agree(split_all(lines, candidate))) return candidate;
  for (const char candidate : separators)
    if (has_row_names(split_all(lines, candidate))) return candidate;
  return ',';
}

char guess_decimal_mark(const std::vector<std::vector<std::string>>& table) {
  bool commas = false;
  for (const auto& line : table) {
    for (const std::string& cell : line) {
      double value = 0.0;
      const bool number = parse_cell(cell, value) == Cell::number;
      if (number && cell.find('.') != std::string::npos) return '.';
      commas = commas || (!number && parse_comma_cell(cell, value) == Cell::number);
    }
  }
  return commas ? ',' : '.';
}

Cell kind_of(const std::string& cell, char decimal_mark) {
  double value = 0.0;
  return decimal_mark == ',' ? parse_comma_cell(cell, value) : parse_cell(cell, value);
}

/// Whether column `field` holds numbers and no text from line `first` on.
bool is_numeric(const std::vector<std::vector<std::string>>& table, std::size_t field, char mark,
                std::size_t first = 1) {
  bool numbers = false;
  for (std::size_t i = first; i < table.size(); ++i) {
    if (field >= table[i].size()) continue;
    const Cell kind = kind_of(table[i][field], mark);
    if (kind == Cell::text) return false;
    numbers = numbers || kind == Cell::number;
  }
  return numbers;
}

bool stands_below(const std::vector<std::vector<std::string>>& table, std::size_t field) {
  return std::any_of(table.begin() + 1, table.end(), [&](const auto& line) {
    return field < line.size() && line[field] == table.front()[field];
  });
}

bool guess_header(const std::vector<std::vector<std::string>>& table, char mark) {
  if (table.size() < 2) return true;
  bool data = false;
  for (std::size_t field = 0; field < table.front().size(); ++field) {
    const Cell kind = kind_of(table.front()[field], mark);
    if (kind == Cell::missing) continue;
    if (kind == Cell::text && is_numeric(table, field, mark)) return true;
    data = data || kind == Cell::number || stands_below(table, field);
  }
  return !data;
}

/// Whether the line below the header holds no number, but texts above columns of numbers.
bool guess_units(const std::vector<std::vector<std::string>>& table, char mark) {
  if (table.size() < 3) return false;
  const std::vector<std::string>& line = table[1];
  bool units = false;
  for (std::size_t field = 0; field < line.size(); ++field) {
    const Cell kind = kind_of(line[field], mark);
    if (kind == Cell::number) return false;
    units = units || (kind == Cell::text && is_numeric(table, field, mark, 2));
  }
  return units;
}

}  // namespace

CsvDialect guess_dialect(std::string_view beginning) {
  CsvDialect dialect;
  const std::vector<std::string_view> lines = lines_of(beginning.substr(0, looked_at_bytes));
  if (lines.empty()) return dialect;
  dialect.separator = guess_separator(lines);
  const auto table = split_all(lines, dialect.separator);
  if (dialect.separator != ',') dialect.decimal_mark = guess_decimal_mark(table);
  dialect.row_names = !agree(table) && has_row_names(table);
  dialect.units = guess_units(table, dialect.decimal_mark);
  dialect.header = dialect.row_names || dialect.units || guess_header(table, dialect.decimal_mark);
  return dialect;
}

CsvDialect guess_dialect_of_file(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  std::ifstream file(path, std::ios::binary);
  std::string beginning(looked_at_bytes, '\0');
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  return guess_dialect(
      std::string_view(beginning).substr(0, static_cast<std::size_t>(file.gcount())));
}

}  // namespace haltere::sensors
