#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/settings.hpp"
#include "config/units.hpp"
#include "sensors/csv.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

/// What a column of a text line is for.
enum class ColumnRole : std::uint8_t {
  value,    ///< a channel of the sample
  time,     ///< when the sample was taken, by the board's own clock
  segment,  ///< text that stays the same within one contiguous recording
  label,    ///< the sample's label
  skip,     ///< not looked at
};

/// One column of the lines a sensor sends or a recording holds.
struct Column {
  std::string name = {};
  ColumnRole role = ColumnRole::value;
  Quantity quantity = Quantity::number;  ///< of a value
  config::UnitScale scale = {};          ///< to SI (time: to s)
  std::size_t channel = 0;               ///< of a value: its index in the layout
};

/// What a channel in a unit of `dimension` measures; nothing for times, angles and the like.
[[nodiscard]] std::optional<Quantity> quantity_of(config::Dimension dimension);

/// Reads the setting `columns` (`t:s`, `rec:segment`, `gesture:label`, `ax:g`, `i:skip`, `count`);
/// what is wrong is added to `diagnostics` and left out.
[[nodiscard]] std::vector<Column> parse_columns(const config::Section& settings,
                                                std::vector<config::Diagnostic>& diagnostics);

/// The channels among `columns`, in order.
[[nodiscard]] Layout layout_of(const std::vector<Column>& columns, double rate_hz);

/// Columns under which a recording of a sensor with `layout` is looked for: `t` and each channel in
/// its SI unit.
[[nodiscard]] std::vector<Column> columns_of(const Layout& layout);

/// Matches a recording's header to a sensor's columns by name: the result has one entry per header
/// column, with the header's unit where it gives one. A column that only the header declares
/// (`t:s`, `rec:segment`, `gesture:label`) keeps its role; others are skipped. Errors: invalid, a
/// channel is missing or has a unit of another quantity, with what the header does hold.
[[nodiscard]] Result<std::vector<Column>> match_columns(const std::vector<Column>& wanted,
                                                        const std::vector<CsvColumn>& header);

}  // namespace haltere::sensors
