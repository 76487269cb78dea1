#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "config/units.hpp"

namespace haltere::sensors {

/// Longest record (line, or lines joined by a quoted line break) a file may hold.
inline constexpr std::size_t max_csv_record_bytes = std::size_t{64} * 1024;

/// How a file parts its fields and writes its numbers.
struct CsvDialect {
  char separator = ',';  ///< between fields; ' ' stands for one or more blanks
  char decimal_mark = '.';
  bool header = true;  ///< the first record names the columns; else they are c1, c2, ...
  /// Records begin with a name that the header has no column for, as R writes them; passed over.
  bool row_names = false;
  bool units = false;  ///< the line below the header says units, and is passed over

  bool operator==(const CsvDialect&) const = default;
};

/// The fields of one CSV record (RFC 4180: fields in double quotes, doubled quotes inside; blanks
/// before an opening quote are passed over).
class CsvRow {
 public:
  /// Splits `record`, given without its line end. The fields view `record`, or memory of this row
  /// where quotes had to be undone, until the next split. Errors: invalid, a quote out of place.
  Status split(std::string_view record, char separator = ',');

  /// Drops blank fields beyond `fields`: separators that end a line without opening a column.
  void drop_blank_tail(std::size_t fields);

  /// Drops the first field.
  void drop_row_name();

  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] std::string_view operator[](std::size_t field) const { return fields_[field]; }
  [[nodiscard]] std::span<const std::string_view> fields() const { return fields_; }

  /// Where `field` starts in the record, in bytes from 1; 1 for a field that is not there.
  [[nodiscard]] int column(std::size_t field) const;

  /// Where the split that failed last found its fault, likewise.
  [[nodiscard]] int fault_column() const { return fault_column_; }

 private:
  Error fault(std::size_t offset, const char* what);
  void split_plain(std::string_view record, char separator);
  void split_blanks(std::string_view record);
  Status split_quoted(std::string_view record, char separator);
  Status take_bare(std::string_view record, char separator, std::size_t& i);
  Status take_quoted(std::string_view record, std::size_t& i);

  std::vector<std::string_view> fields_;
  std::string_view record_;          ///< split last
  std::vector<std::size_t> starts_;  ///< only where quotes were undone: fields then lie elsewhere
  std::string unquoted_;
  int fault_column_ = 1;
};

/// What a field holds. Empty, `NA`, `N/A`, `#N/A`, `<NA>`, `null`, `?` and every spelling of
/// NaN count as missing.
enum class Cell { number, missing, text };

/// Reads the decimal without an exponent and of at most 15 digits that starts at `begin`. Returns
/// how many characters it has; 0 if none starts there, and `value` is then unspecified.
[[nodiscard]] std::size_t parse_plain_decimal(std::string_view text, std::size_t begin,
                                              double& value);

/// Reads `text` (surrounding spaces allowed) as a decimal number into `value`, which becomes NaN
/// unless the result is Cell::number. Infinities and numbers beyond a double are Cell::text.
/// Independent of the locale.
[[nodiscard]] Cell parse_cell(std::string_view text, double& value);

/// Likewise, of a number with a decimal comma: "2,6", but not "2.6".
[[nodiscard]] Cell parse_comma_cell(std::string_view text, double& value);

/// `text` without spaces and tabs at either end.
[[nodiscard]] std::string_view trim(std::string_view text);

/// One column of a header: `ax:g`, `ax_g` or `ax`.
struct CsvColumn {
  std::string text;  ///< as written
  std::string name;  ///< without the unit
  std::string unit;  ///< as written; also the pseudo-units segment, label, skip; empty = none
  config::UnitScale scale;  ///< from `unit` to SI; the identity without a unit
};

/// Reads a header field. Only a known unit is split off at `_`; after `:` an unknown one stays in
/// `unit` with the identity as its scale.
[[nodiscard]] CsvColumn parse_csv_column(std::string_view text);

/// Index of the column written `name`, else of the only one whose name without unit is `name`; -1
/// if there is none or more than one.
[[nodiscard]] int find_csv_column(std::span<const CsvColumn> columns, std::string_view name);

/// A CSV file with a header, read once from front to back in constant memory. Accepts a byte order
/// mark and any line ends; empty lines and lines that start with `#` are skipped.
class CsvReader {
 public:
  /// Opens `path` (`-` = standard input) and reads the header. Errors: not_found, io, invalid (no
  /// header, not UTF-8 text).
  [[nodiscard]] static Result<CsvReader> open(const std::string& path,
                                              const CsvDialect& dialect = {});

  CsvReader(CsvReader&&) noexcept;
  CsvReader& operator=(CsvReader&&) noexcept;
  ~CsvReader();

  [[nodiscard]] const std::vector<CsvColumn>& header() const { return header_; }
  [[nodiscard]] const CsvDialect& dialect() const { return dialect_; }

  /// Reads the next record into `row`, valid until the next call; false at the end. Errors: invalid
  /// (quotes, more than max_csv_record_bytes, number of fields differs from the header's, blank
  /// ones at the end aside), io. After an error in the fields the next call goes on behind them.
  Result<bool> next(CsvRow& row);

  /// The next record as it stands in the file; false at the end. Errors: as `next`, but the fields
  /// are not looked at.
  Result<bool> next_record(std::string_view& record);

  /// Line on which the current record starts, from 1.
  [[nodiscard]] int line() const { return line_; }

  /// An error of kind invalid at `column` of the current record: "FILE:LINE:COLUMN: message".
  [[nodiscard]] Error error_at(int column, std::string_view message) const;

 private:
  struct Input;

  CsvReader(std::unique_ptr<Input> input, std::string path, const CsvDialect& dialect);
  Status read_header();
  void name_columns(std::string_view first_record, std::size_t columns);
  Result<bool> fill();
  Result<std::size_t> find_record_end();
  bool has_odd_quotes(std::string_view line);

  std::unique_ptr<Input> input_;
  std::string path_;
  CsvDialect dialect_;
  std::vector<CsvColumn> header_;
  int line_ = 0;
  int next_line_ = 1;
  int record_lines_ = 1;  ///< of the current record
};

}  // namespace haltere::sensors
