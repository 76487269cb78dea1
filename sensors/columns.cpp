#include "sensors/columns.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

namespace haltere::sensors {
namespace {

constexpr std::size_t max_columns = 64;

ColumnRole role_of(std::string_view unit) {
  if (unit == "segment") return ColumnRole::segment;
  if (unit == "label") return ColumnRole::label;
  if (unit == "skip") return ColumnRole::skip;
  return ColumnRole::value;
}

Error invalid(std::string message) { return {ErrorKind::invalid, std::move(message)}; }

Result<Column> parse_column(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const std::string_view name = trim(text.substr(0, colon));
  const std::string_view unit = colon == std::string_view::npos ? "" : trim(text.substr(colon + 1));
  if (name.empty()) return invalid("a column needs a name, as in 'ax:g'");
  Column column{.name = std::string(name)};
  column.role = role_of(unit);
  if (unit.empty() || column.role != ColumnRole::value) return column;
  const Result<config::UnitScale> scale = config::find_unit(unit);
  if (!scale) return invalid("column '" + column.name + "': " + scale.error().message);
  column.scale = *scale;
  if (scale->dimension == config::Dimension::time && name == "t") {
    column.role = ColumnRole::time;
    return column;
  }
  column.quantity = quantity_of(scale->dimension).value_or(Quantity::number);
  return column;
}

std::string list_of(const std::vector<CsvColumn>& header) {
  std::string list;
  for (const CsvColumn& column : header) list += (list.empty() ? "" : ", ") + column.text;
  return list;
}

/// The header's own word on what a column is, where nothing is known from the sensor.
Column declared_by_header(const CsvColumn& header) {
  Column column{.name = header.name, .role = ColumnRole::skip, .scale = header.scale};
  if (role_of(header.unit) != ColumnRole::value) column.role = role_of(header.unit);
  if (header.name == "t") column.role = ColumnRole::time;
  return column;
}

bool has_role(const std::vector<Column>& columns, ColumnRole role) {
  return std::ranges::find(columns, role, &Column::role) != columns.end();
}

Status add_column(Column column, std::vector<Column>& columns) {
  const bool many = column.role == ColumnRole::value || column.role == ColumnRole::skip;
  if (!many && has_role(columns, column.role)) return invalid("a second column of this kind");
  const bool named = column.role != ColumnRole::skip;
  if (named && std::ranges::find(columns, column.name, &Column::name) != columns.end()) {
    return invalid("a second column '" + column.name + "'");
  }
  if (columns.size() == max_columns) return invalid("more than 64 columns");
  const auto channels = std::ranges::count(columns, ColumnRole::value, &Column::role);
  column.channel = static_cast<std::size_t>(channels);
  if (column.role == ColumnRole::value && column.channel == max_channels) {
    return invalid("more than 32 channels; use ':skip' for some");
  }
  columns.push_back(std::move(column));
  return {};
}

/// `wanted`, read with the unit that `header` gives, if it gives one.
Result<Column> with_unit_of(const CsvColumn& header, Column wanted) {
  const bool physical = wanted.role == ColumnRole::value || wanted.role == ColumnRole::time;
  if (!physical || header.unit.empty()) return wanted;
  const std::optional<Quantity> quantity = quantity_of(header.scale.dimension);
  const bool time = header.scale.dimension == config::Dimension::time;
  const bool fits = wanted.role == ColumnRole::time
                        ? time
                        : wanted.quantity == Quantity::number || quantity == wanted.quantity;
  if (!fits) {
    return invalid(
        "column '" + header.text + "' is not in a unit of " +
        std::string(wanted.role == ColumnRole::time ? "time" : to_string(wanted.quantity)));
  }
  wanted.scale = header.scale;
  return wanted;
}

}  // namespace

std::optional<Quantity> quantity_of(config::Dimension dimension) {
  using config::Dimension;
  switch (dimension) {
    case Dimension::none:
    case Dimension::ratio: return Quantity::number;
    case Dimension::acceleration: return Quantity::acceleration;
    case Dimension::angular_rate: return Quantity::angular_rate;
    case Dimension::magnetic_field: return Quantity::magnetic_field;
    case Dimension::temperature: return Quantity::temperature;
    case Dimension::pressure: return Quantity::pressure;
    case Dimension::humidity: return Quantity::humidity;
    case Dimension::voltage: return Quantity::voltage;
    case Dimension::current: return Quantity::current;
    case Dimension::length: return Quantity::length;
    case Dimension::illuminance: return Quantity::illuminance;
    case Dimension::concentration: return Quantity::concentration;
    case Dimension::time:
    case Dimension::frequency:
    case Dimension::angle:
    case Dimension::bytes:
    case Dimension::windows: return std::nullopt;
  }
  return std::nullopt;
}

std::vector<Column> parse_columns(const config::Section& settings,
                                  std::vector<config::Diagnostic>& diagnostics) {
  std::vector<Column> columns;
  const std::vector<std::string>& texts = settings.texts("columns");
  for (std::size_t i = 0; i < texts.size(); ++i) {
    Result<Column> column = parse_column(texts[i]);
    const Status added = column ? add_column(std::move(*column), columns) : Status(column.error());
    if (!added) diagnostics.push_back({settings.position("columns", i), added.error().message});
  }
  if (!has_role(columns, ColumnRole::value)) {
    diagnostics.push_back({settings.position("columns"), "no column is a channel, as 'ax:g' is"});
  }
  return columns;
}

Layout layout_of(const std::vector<Column>& columns, double rate_hz) {
  Layout layout{.channels = {}, .rate_hz = rate_hz};
  for (const Column& column : columns) {
    if (column.role == ColumnRole::value) layout.channels.push_back({column.name, column.quantity});
  }
  return layout;
}

std::vector<Column> columns_of(const Layout& layout) {
  std::vector<Column> columns{{.name = "t", .role = ColumnRole::time}};
  for (std::size_t i = 0; i < layout.channels.size(); ++i) {
    columns.push_back(
        {.name = layout.channels[i].name, .quantity = layout.channels[i].quantity, .channel = i});
  }
  return columns;
}

Result<std::vector<Column>> match_columns(const std::vector<Column>& wanted,
                                          const std::vector<CsvColumn>& header) {
  std::vector<Column> matched(header.size(), {.role = ColumnRole::skip});
  std::vector<bool> taken(header.size(), false);
  for (const Column& column : wanted) {
    if (column.role == ColumnRole::skip) continue;
    const int found = find_csv_column(header, column.name);
    if (found < 0 && column.role != ColumnRole::value) continue;
    if (found < 0) {
      return invalid("no column '" + column.name + "'; the file has " + list_of(header));
    }
    const auto index = static_cast<std::size_t>(found);
    Result<Column> read = with_unit_of(header[index], column);
    if (!read) return read.error();
    matched[index] = std::move(*read);
    taken[index] = true;
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    Column declared = declared_by_header(header[i]);
    const bool known = declared.role != ColumnRole::skip && has_role(matched, declared.role);
    if (!taken[i] && !known) matched[i] = std::move(declared);
  }
  return matched;
}

}  // namespace haltere::sensors
