#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace haltere::agent {

/// What stands in for a missing number.
enum class Fill : std::uint8_t {
  automatic,  ///< for each column the one of the next two that is nearer its numbers
  last,       ///< the number before
  mean,       ///< the mean of the numbers before
  none,       ///< nothing: the row is passed over
};

/// How a table is read. The defaults suit most; what they decide is said in the plan's notes.
struct TableSettings {
  std::optional<char> separator{};     ///< else guessed, as are the next two
  std::optional<char> decimal_mark{};  ///< '.' or ','
  std::optional<bool> header{};
  std::vector<std::string> missing{};    ///< cells that mean a missing value, numbers or texts
  std::vector<std::string> columns{};    ///< the only ones to learn from; empty = all that suit
  std::vector<std::string> leave_out{};  ///< columns not to learn from
  Fill fill = Fill::automatic;
  /// Rows over which each column's mean and deviation stand beside it, with its step, as inputs;
  /// empty = the row alone. If not set, an anomaly model has those that the rows suffice for, and
  /// the time of day where the table tells it over some days.
  std::optional<std::vector<std::size_t>> context{};
  std::size_t most_categories = 32;  ///< a column of more different texts is left out
  bool every_number = false;         ///< take numbers that never change, or count, too
  bool skip_bad_rows = false;        ///< pass over rows that cannot be read, and count them
};

}  // namespace haltere::agent
