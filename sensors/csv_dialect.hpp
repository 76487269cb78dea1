#pragma once

#include <string>
#include <string_view>

#include "sensors/csv.hpp"

namespace haltere::sensors {

/// The dialect that the beginning of a CSV file is written in. The separator is the one of tab,
/// `;`, `|`, `,` and blanks that parts all lines into as many fields as the first. The decimal mark
/// is a comma where the fields hold such numbers and none with a point. There is no header where
/// the first line holds a number, or a text that stands again below, and nothing tells it from the
/// lines below. Rows have names where nearly all lines below a header have one field more than it.
/// A line of units is one without numbers between a header and columns of numbers.
[[nodiscard]] CsvDialect guess_dialect(std::string_view beginning);

/// Likewise of the file `path`; the usual one of a pipe, which can be read only once, and of what
/// cannot be read: whoever opens it finds out why.
[[nodiscard]] CsvDialect guess_dialect_of_file(const std::string& path);

}  // namespace haltere::sensors
