#include "agent/table/header.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "agent/table/cells.hpp"
#include "config/settings.hpp"
#include "config/text.hpp"

namespace haltere::agent {

using config::in_quotes;

TableHeader::TableHeader(std::span<const sensors::CsvColumn> columns) {
  for (const sensors::CsvColumn& column : columns) {
    const std::string name = clean_text(column.text);
    named_.push_back(!name.empty());
    columns_.push_back(column);
    columns_.back().text = name.empty() ? "c" + std::to_string(columns_.size()) : name;
  }
}

bool TableHeader::is_repeated(std::size_t column) const {
  const auto end = columns_.begin() + static_cast<std::ptrdiff_t>(column);
  return std::find_if(columns_.begin(), end, [&](const sensors::CsvColumn& earlier) {
           return earlier.text == columns_[column].text;
         }) != end;
}

Result<std::size_t> TableHeader::find(const std::string& path, const std::string& name) const {
  if (const int found = sensors::find_csv_column(columns_, name); found >= 0)
    return static_cast<std::size_t>(found);
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc{} && end == name.data() + name.size();
  if (whole && number >= 1 && number <= size()) return number - 1;
  std::vector<std::string_view> names;
  for (const sensors::CsvColumn& column : columns_) names.emplace_back(column.text);
  return Error{ErrorKind::invalid,
               path + " has no column " + in_quotes(name) + config::suggestion(name, names)};
}

std::string TableHeader::list() const {
  constexpr std::size_t most = 20;
  std::string names;
  for (std::size_t i = 0; i < std::min(size(), most); ++i)
    names += (i == 0 ? "" : ", ") + in_quotes(name(i));
  return size() > most ? names + ", ..." : names;
}

}  // namespace haltere::agent
