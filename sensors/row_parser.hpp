#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/columns.hpp"
#include "sensors/csv.hpp"
#include "sensors/flat_json.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

/// How the lines are written.
enum class LineFormat : std::uint8_t {
  automatic,  ///< per line: JSON if it starts with `{`, else CSV
  csv,
  json,
};

/// What became of a line.
enum class LineOutcome : std::uint8_t {
  sample,
  ignored,   ///< empty, a comment (`#`), or the header repeated
  rejected,  ///< `rejection()` says why
};

/// Turns one line of text into one sample. The same code reads live boards and recordings, so that
/// both give the same bytes. Remembers the line before: a changed segment or a time that runs
/// backwards starts a segment.
class RowParser {
 public:
  RowParser(std::vector<Column> columns, LineFormat format);

  /// Reads `line`, without its line end. Sets everything but `sensor`, and `time_ns` only if
  /// `has_time()`. A line with any value missing, not finite or not a number is rejected whole.
  LineOutcome parse(std::string_view line, Sample& sample);

  /// Whether the lines carry their own time.
  [[nodiscard]] bool has_time() const { return has_time_; }

  /// Why the last rejected line was: "column 'az': 'abc' is not a number".
  [[nodiscard]] const std::string& rejection() const { return rejection_; }

 private:
  LineOutcome parse_csv(std::string_view line, Sample& sample);
  LineOutcome parse_quoted_csv(std::string_view line, Sample& sample);
  LineOutcome parse_json(std::string_view line, Sample& sample);
  [[nodiscard]] std::size_t find_column(std::string_view key, std::size_t expected) const;
  [[nodiscard]] std::size_t find_missing(std::uint64_t seen) const;
  bool take_member(const Column& column, const FlatJson::Member& member, Sample& sample);
  bool take(const Column& column, std::string_view text, Sample& sample);
  bool take_value(const Column& column, std::string_view text, Sample& sample);
  static bool store(const Column& column, double raw, Sample& sample);
  static std::size_t take_plain(const Column& column, std::string_view line, std::size_t begin,
                                Sample& sample);
  bool take_time(const Column& column, std::string_view text, Sample& sample);
  bool take_label(const Column& column, std::string_view text, Sample& sample);
  LineOutcome finish(Sample& sample);
  bool is_header(std::string_view line);
  bool refuse(const Column& column, std::string_view why);
  LineOutcome reject(std::string reason);
  LineOutcome reject_count(std::size_t found);

  std::vector<Column> columns_;
  LineFormat format_;
  bool has_time_ = false;
  std::size_t channels_ = 0;
  bool first_ = true;
  TimeNs last_time_ns_ = 0;
  std::string segment_;
  std::string_view next_segment_;
  std::string rejection_;
  CsvRow row_;
};

}  // namespace haltere::sensors
