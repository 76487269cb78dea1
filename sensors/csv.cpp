#include "sensors/csv.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <system_error>
#include <utility>

namespace haltere::sensors {
namespace {

constexpr std::size_t buffer_bytes = 4 * max_csv_record_bytes;
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

constexpr std::array powers_of_ten{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

// Plain decimals of up to 15 digits: digits and power of ten are then both exact doubles, so one
// division rounds correctly (Clinger 1990). Everything else is from_chars' business.
bool parse_short_decimal(std::string_view text, double& value) {
  const bool negative = text.front() == '-';
  const char* at = text.data() + (negative ? 1 : 0);
  const char* const end = text.data() + text.size();
  std::uint64_t digits = 0;
  const auto take_digits = [&] {
    const char* const begin = at;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) {
      digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
    }
    return static_cast<std::size_t>(at - begin);
  };
  if (text.size() > 16) return false;  // sign or point and 15 digits
  const std::size_t before_point = take_digits();
  const bool point = at != end && *at == '.';
  at += point ? 1 : 0;
  const std::size_t after_point = point ? take_digits() : 0;
  if (at != end || before_point + after_point == 0) return false;
  const double magnitude = static_cast<double>(digits) / powers_of_ten[after_point];
  value = negative ? -magnitude : magnitude;
  return true;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

bool means_missing(std::string_view text) {
  constexpr std::array<std::string_view, 8> words{"",   "nan", "-nan", "+nan",
                                                  "na", "n/a", "null", "?"};
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
  if (!text.empty() && parse_short_decimal(text, value)) return Cell::number;
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

int CsvRow::column(std::size_t field) const {
  return field < starts_.size() ? static_cast<int>(starts_[field]) + 1 : 1;
}

Error CsvRow::fault(std::size_t offset, const char* what) {
  fault_column_ = static_cast<int>(offset) + 1;
  return {ErrorKind::invalid, what};
}

Status CsvRow::split(std::string_view record) {
  fields_.clear();
  starts_.clear();
  if (std::memchr(record.data(), '"', record.size()) != nullptr) return split_quoted(record);
  std::size_t start = 0;
  for (std::size_t i = 0; i <= record.size(); ++i) {
    if (i < record.size() && record[i] != ',') continue;
    fields_.push_back(record.substr(start, i - start));
    starts_.push_back(start);
    start = i + 1;
  }
  return {};
}

Status CsvRow::split_quoted(std::string_view record) {
  unquoted_.clear();
  unquoted_.reserve(record.size());  // the views into it must not move
  std::size_t i = 0;
  while (true) {
    starts_.push_back(i);
    const bool quoted = i < record.size() && record[i] == '"';
    if (Status taken = quoted ? take_quoted(record, i) : take_bare(record, i); !taken) return taken;
    if (i >= record.size()) return {};
    if (record[i] != ',') return fault(i, "expected a comma after the closing quote");
    ++i;
  }
}

Status CsvRow::take_bare(std::string_view record, std::size_t& i) {
  const std::string_view field = record.substr(i, record.find(',', i) - i);
  if (const std::size_t quote = field.find('"'); quote != std::string_view::npos) {
    return fault(i + quote, "a quote inside a field that does not start with one");
  }
  fields_.push_back(field);
  i += field.size();
  return {};
}

Status CsvRow::take_quoted(std::string_view record, std::size_t& i) {
  const std::size_t opened = i++;
  const std::size_t begin = unquoted_.size();
  while (i < record.size()) {
    const char c = record[i++];
    if (c == '"') {
      const bool doubled = i < record.size() && record[i] == '"';
      if (!doubled) {
        fields_.push_back(std::string_view(unquoted_).substr(begin));
        return {};
      }
      ++i;
    }
    unquoted_.push_back(c);
  }
  return fault(opened, "this quote is never closed");
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

/// The open file and the part of it in memory: buffer[begin, end).
struct CsvReader::Input {
  explicit Input(int opened) : fd(opened) {}
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;
  ~Input() {
    if (fd > STDIN_FILENO) close(fd);
  }

  [[nodiscard]] std::string_view rest() const { return {buffer.data() + begin, end - begin}; }

  int fd;
  bool at_end = false;
  std::vector<char> buffer = std::vector<char>(buffer_bytes);
  std::size_t begin = 0;
  std::size_t end = 0;
};

CsvReader::CsvReader(std::unique_ptr<Input> input, std::string path)
    : input_(std::move(input)), path_(std::move(path)) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

Result<CsvReader> CsvReader::open(const std::string& path) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const ErrorKind kind = errno == ENOENT ? ErrorKind::not_found : ErrorKind::io;
    return Error{kind, path + ": cannot open it: " + std::generic_category().message(errno)};
  }
  CsvReader reader(std::make_unique<Input>(fd), path);
  if (Status header = reader.read_header(); !header) return header.error();
  return reader;
}

Status CsvReader::read_header() {
  if (Result<bool> filled = fill(); !filled) return filled.error();
  const std::string_view start = input_->rest();
  if (start.starts_with("\xFF\xFE") || start.starts_with("\xFE\xFF")) {
    return Error{ErrorKind::invalid, path_ + ":1:1: this is UTF-16; save the file as UTF-8"};
  }
  if (start.starts_with(utf8_mark)) input_->begin += utf8_mark.size();
  std::string_view record;
  Result<bool> found = next_record(record);
  if (!found) return found.error();
  if (!*found) {
    return Error{ErrorKind::invalid,
                 path_ + ":1:1: no header; the first line must name the columns"};
  }
  CsvRow row;
  if (Status split = row.split(record); !split) {
    return error_at(row.fault_column(), split.error().message);
  }
  for (const std::string_view field : row.fields()) header_.push_back(parse_csv_column(field));
  return {};
}

Result<bool> CsvReader::fill() {
  Input& in = *input_;
  std::memmove(in.buffer.data(), in.buffer.data() + in.begin, in.end - in.begin);
  in.end -= in.begin;
  in.begin = 0;
  assert(in.end < in.buffer.size());
  while (true) {
    const ssize_t got = ::read(in.fd, in.buffer.data() + in.end, in.buffer.size() - in.end);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return Error{ErrorKind::io,
                   path_ + ": cannot read it: " + std::generic_category().message(errno)};
    in.end += static_cast<std::size_t>(got);
    in.at_end = got == 0;
    return !in.at_end;
  }
}

Result<std::size_t> CsvReader::find_record_end() {
  std::size_t scanned = 0;
  bool open_quote = false;
  while (true) {
    const std::string_view rest = input_->rest();
    const std::size_t newline = std::min(rest.find('\n', scanned), rest.size());
    const std::string_view line = rest.substr(scanned, newline - scanned);
    const bool odd = !rest.starts_with('#') && (std::ranges::count(line, '"') & 1) != 0;
    open_quote = open_quote != odd;
    if (newline > max_csv_record_bytes) {
      line_ = next_line_;
      return error_at(1, "longer than 64 KiB; is a quote left open, or is this not CSV?");
    }
    const bool ended = newline < rest.size() ? !open_quote : input_->at_end;
    if (ended) return newline;
    scanned = std::min(newline + 1, rest.size());
    if (newline < rest.size()) continue;
    if (Result<bool> filled = fill(); !filled) return filled.error();
  }
}

Result<bool> CsvReader::next_record(std::string_view& record) {
  while (true) {
    const Result<std::size_t> length = find_record_end();
    if (!length) return length.error();
    Input& in = *input_;
    if (in.at_end && in.begin == in.end) return false;
    record = in.rest().substr(0, *length);
    in.begin = std::min(in.begin + *length + 1, in.end);
    line_ = next_line_;
    next_line_ += 1 + static_cast<int>(std::ranges::count(record, '\n'));
    if (record.ends_with('\r')) record.remove_suffix(1);
    if (!record.empty() && record.front() != '#') return true;
  }
}

Result<bool> CsvReader::next(CsvRow& row) {
  std::string_view record;
  Result<bool> found = next_record(record);
  if (!found || !*found) return found;
  if (Status split = row.split(record); !split) {
    return error_at(row.fault_column(), split.error().message);
  }
  if (row.size() == header_.size()) return true;
  return error_at(1, std::to_string(row.size()) + " fields where the header has " +
                         std::to_string(header_.size()));
}

Error CsvReader::error_at(int column, std::string_view message) const {
  return {ErrorKind::invalid, path_ + ":" + std::to_string(line_) + ":" + std::to_string(column) +
                                  ": " + std::string(message)};
}

}  // namespace haltere::sensors
