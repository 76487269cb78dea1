#include "sensors/csv.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>
#include <utility>

#include "sensors/eight_bytes.hpp"

namespace haltere::sensors {
namespace {

constexpr std::size_t buffer_bytes = 4 * max_csv_record_bytes;
constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

}  // namespace

int CsvRow::column(std::size_t field) const {
  if (field >= fields_.size()) return 1;
  const std::size_t start = starts_.empty()
                                ? static_cast<std::size_t>(fields_[field].data() - record_.data())
                                : starts_[field];
  return static_cast<int>(start) + 1;
}

Error CsvRow::fault(std::size_t offset, const char* what) {
  fault_column_ = static_cast<int>(offset) + 1;
  return {ErrorKind::invalid, what};
}

Status CsvRow::split(std::string_view record, char separator) {
  fields_.clear();
  starts_.clear();
  record_ = record;
  if (separator == ' ') {
    split_blanks(record);
    return {};
  }
  if (std::memchr(record.data(), '"', record.size()) != nullptr)
    return split_quoted(record, separator);
  split_plain(record, separator);
  return {};
}

void CsvRow::split_plain(std::string_view record, char separator) {
  const char* const begin = record.data();
  std::size_t start = 0;
  const auto end_field = [&](std::size_t end) {
    fields_.emplace_back(begin + start, end - start);
    start = end + 1;
  };
  std::size_t i = 0;
  for (; i + sizeof(std::uint64_t) <= record.size(); i += sizeof(std::uint64_t)) {
    for (std::uint64_t found = find_in_eight(load_eight(begin + i), separator); found != 0;
         found &= found - 1)
      end_field(i + first_of_eight(found));
  }
  for (; i < record.size(); ++i)
    if (record[i] == separator) end_field(i);
  end_field(record.size());
}

void CsvRow::split_blanks(std::string_view record) {
  constexpr std::string_view blanks = " \t";
  std::size_t start = record.find_first_not_of(blanks);
  while (start != std::string_view::npos) {
    const std::size_t end = std::min(record.find_first_of(blanks, start), record.size());
    fields_.push_back(record.substr(start, end - start));
    start = record.find_first_not_of(blanks, end);
  }
}

void CsvRow::drop_blank_tail(std::size_t fields) {
  while (fields_.size() > fields && trim(fields_.back()).empty()) {
    fields_.pop_back();
  }
}

void CsvRow::drop_row_name() {
  if (fields_.empty()) return;
  fields_.erase(fields_.begin());
  if (!starts_.empty()) starts_.erase(starts_.begin());
}

Status CsvRow::split_quoted(std::string_view record, char separator) {
  unquoted_.clear();
  unquoted_.reserve(record.size());  // the views into it must not move
  std::size_t i = 0;
  while (true) {
    starts_.push_back(i);
    const std::size_t first = record.find_first_not_of(' ', i);
    const bool quoted = first != std::string_view::npos && record[first] == '"';
    if (quoted) i = first;
    Status taken = quoted ? take_quoted(record, i) : take_bare(record, separator, i);
    if (!taken) return taken;
    if (i >= record.size()) return {};
    if (record[i] != separator) return fault(i, "expected a separator after the closing quote");
    ++i;
  }
}

Status CsvRow::take_bare(std::string_view record, char separator, std::size_t& i) {
  const std::string_view field = record.substr(i, record.find(separator, i) - i);
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
  std::size_t quote = 0;  ///< no quote stands between `begin` and here
};

CsvReader::CsvReader(std::unique_ptr<Input> input, std::string path, const CsvDialect& dialect)
    : input_(std::move(input)), path_(std::move(path)), dialect_(dialect) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

Result<CsvReader> CsvReader::open(const std::string& path, const CsvDialect& dialect) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    const ErrorKind kind = errno == ENOENT ? ErrorKind::not_found : ErrorKind::io;
    return Error{kind, path + ": cannot open it: " + std::generic_category().message(errno)};
  }
  CsvReader reader(std::make_unique<Input>(fd), path, dialect);
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
  if (Status split = row.split(record, dialect_.separator); !split) {
    return error_at(row.fault_column(), split.error().message);
  }
  row.drop_blank_tail(1);
  if (!dialect_.header) {
    name_columns(record, row.size());
    return {};
  }
  for (const std::string_view field : row.fields()) header_.push_back(parse_csv_column(field));
  if (dialect_.units)
    if (const Result<bool> units = next_record(record); !units) return units.error();
  return {};
}

/// Names columns that nobody named, and hands the first record out again.
void CsvReader::name_columns(std::string_view first_record, std::size_t columns) {
  for (std::size_t i = 1; i <= columns; ++i)
    header_.push_back(parse_csv_column("c" + std::to_string(i)));
  input_->begin = static_cast<std::size_t>(first_record.data() - input_->buffer.data());
  next_line_ = line_;
}

Result<bool> CsvReader::fill() {
  Input& in = *input_;
  std::memmove(in.buffer.data(), in.buffer.data() + in.begin, in.end - in.begin);
  in.end -= in.begin;
  in.quote -= std::min(in.quote, in.begin);
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

/// Most files hold no quote at all: where the next one stands is looked up once, not line by line.
bool CsvReader::has_odd_quotes(std::string_view line) {
  Input& in = *input_;
  const auto line_end = static_cast<std::size_t>(line.data() + line.size() - in.buffer.data());
  if (in.quote < line_end) {
    const std::size_t from = std::max(in.quote, in.begin);
    const void* const found = std::memchr(in.buffer.data() + from, '"', in.end - from);
    in.quote = found == nullptr
                   ? in.end
                   : static_cast<std::size_t>(static_cast<const char*>(found) - in.buffer.data());
  }
  return in.quote < line_end && (std::ranges::count(line, '"') & 1) != 0;
}

Result<std::size_t> CsvReader::find_record_end() {
  std::size_t scanned = 0;
  bool open_quote = false;
  record_lines_ = 1;
  while (true) {
    const std::string_view rest = input_->rest();
    const std::size_t newline = std::min(rest.find('\n', scanned), rest.size());
    const std::string_view line = rest.substr(scanned, newline - scanned);
    const bool odd = has_odd_quotes(line) && !rest.starts_with('#');
    open_quote = open_quote != odd;
    if (newline > max_csv_record_bytes) {
      line_ = next_line_;
      return error_at(1, "longer than 64 KiB; is a quote left open, or is this not CSV?");
    }
    const bool ended = newline < rest.size() ? !open_quote : input_->at_end;
    if (ended) return newline;
    scanned = std::min(newline + 1, rest.size());
    if (newline < rest.size()) {
      ++record_lines_;
      continue;
    }
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
    next_line_ += record_lines_;
    if (record.ends_with('\r')) record.remove_suffix(1);
    if (!record.empty() && record.front() != '#') return true;
  }
}

Result<bool> CsvReader::next(CsvRow& row) {
  std::string_view record;
  Result<bool> found = next_record(record);
  if (!found || !*found) return found;
  if (Status split = row.split(record, dialect_.separator); !split) {
    return error_at(row.fault_column(), split.error().message);
  }
  if (dialect_.header && dialect_.row_names) row.drop_row_name();
  if (row.size() == header_.size()) return true;
  row.drop_blank_tail(header_.size());
  if (row.size() == header_.size()) return true;
  return error_at(1, std::to_string(row.size()) + " fields where the header has " +
                         std::to_string(header_.size()));
}

Error CsvReader::error_at(int column, std::string_view message) const {
  return {ErrorKind::invalid, path_ + ":" + std::to_string(line_) + ":" + std::to_string(column) +
                                  ": " + std::string(message)};
}

}  // namespace haltere::sensors
