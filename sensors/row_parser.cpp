#include "sensors/row_parser.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sensors/flat_json.hpp"

namespace haltere::sensors {
namespace {

/// Digits after the point that make a nanosecond in a unit of `seconds`; -1 if it is no power of
/// ten.
int nanosecond_digits(double seconds) {
  if (seconds == 1.0) return 9;
  if (seconds == 1e-3) return 6;
  if (seconds == 1e-6) return 3;
  return seconds == 1e-9 ? 0 : -1;
}

bool append_digit(std::int64_t& value, int digit) {
  return !__builtin_mul_overflow(value, 10, &value) &&
         !__builtin_add_overflow(value, digit, &value);
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Reads a plain decimal exactly, `digits` after the point making the last digit of the result;
/// further ones are cut off. A double would lose nanoseconds after 104 days.
bool parse_fixed_point(std::string_view text, int digits, std::int64_t& value) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (!is_digits(whole) || !is_digits(fraction) || whole.size() + fraction.size() == 0)
    return false;
  std::int64_t magnitude = 0;
  for (const char c : whole) {
    if (!append_digit(magnitude, c - '0')) return false;
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(digits); ++i) {
    if (!append_digit(magnitude, i < fraction.size() ? fraction[i] - '0' : 0)) return false;
  }
  value = negative ? -magnitude : magnitude;
  return true;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown = 24;
  std::string out = "'";
  for (const char c : text.substr(0, shown)) out += c >= ' ' && c <= '~' ? c : '?';
  return out + (text.size() > shown ? "...'" : "'");
}

}  // namespace

RowParser::RowParser(std::vector<Column> columns, LineFormat format)
    : columns_(std::move(columns)), format_(format) {
  for (const Column& column : columns_) {
    has_time_ = has_time_ || column.role == ColumnRole::time;
    if (column.role == ColumnRole::value) channels_ = std::max(channels_, column.channel + 1);
  }
}

LineOutcome RowParser::parse(std::string_view line, Sample& sample) {
  line = trim(line);
  if (line.empty() || line.front() == '#') return LineOutcome::ignored;
  next_segment_ = segment_;
  sample.label = {};
  const bool json =
      format_ == LineFormat::json || (format_ == LineFormat::automatic && line.front() == '{');
  if (json) return parse_json(line, sample);
  const LineOutcome outcome = line.find('"') == std::string_view::npos
                                  ? parse_csv(line, sample)
                                  : parse_quoted_csv(line, sample);
  return outcome == LineOutcome::rejected && is_header(line) ? LineOutcome::ignored : outcome;
}

LineOutcome RowParser::parse_csv(std::string_view line, Sample& sample) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (begin > line.size()) return reject_count(i);
    if (const std::size_t plain = take_plain(columns_[i], line, begin, sample); plain > 0) {
      begin += plain + 1;
      continue;
    }
    const std::size_t end = std::min(line.find(',', begin), line.size());
    if (!take(columns_[i], line.substr(begin, end - begin), sample)) return LineOutcome::rejected;
    begin = end + 1;
  }
  if (begin > line.size()) return finish(sample);
  const auto rest = static_cast<std::size_t>(std::ranges::count(line.substr(begin), ','));
  return reject_count(columns_.size() + rest + 1);
}

LineOutcome RowParser::parse_quoted_csv(std::string_view line, Sample& sample) {
  if (const Status split = row_.split(line); !split) return reject(split.error().message);
  if (row_.size() != columns_.size()) return reject_count(row_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!take(columns_[i], row_[i], sample)) return LineOutcome::rejected;
  }
  return finish(sample);
}

LineOutcome RowParser::parse_json(std::string_view line, Sample& sample) {
  FlatJson json(line);
  FlatJson::Member member;
  std::uint64_t seen = 0;
  std::size_t expected = 0;
  while (true) {
    const FlatJson::Step step = json.next(member);
    if (step == FlatJson::Step::malformed) return reject("not a JSON object on one line");
    if (step == FlatJson::Step::end) break;
    const std::size_t index = find_column(member.key, expected);
    if (index == columns_.size()) continue;
    if ((seen >> index & 1U) != 0) return reject("key " + in_quotes(member.key) + " appears twice");
    seen |= std::uint64_t{1} << index;
    expected = index + 1;
    if (!take_member(columns_[index], member, sample)) return LineOutcome::rejected;
  }
  const std::size_t missing = find_missing(seen);
  if (missing < columns_.size()) return reject("no key '" + columns_[missing].name + "'");
  return finish(sample);
}

std::size_t RowParser::find_missing(std::uint64_t seen) const {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool needed =
        columns_[i].role == ColumnRole::value || columns_[i].role == ColumnRole::time;
    if (needed && (seen >> i & 1U) == 0) return i;
  }
  return columns_.size();
}

std::size_t RowParser::find_column(std::string_view key, std::size_t expected) const {
  if (expected < columns_.size() && columns_[expected].name == key) return expected;
  const auto found = std::ranges::find(columns_, key, &Column::name);
  return static_cast<std::size_t>(found - columns_.begin());
}

bool RowParser::take_member(const Column& column, const FlatJson::Member& member, Sample& sample) {
  const bool number = column.role == ColumnRole::value || column.role == ColumnRole::time;
  if (!number) return take(column, member.value, sample);
  if (member.quoted) return refuse(column, in_quotes(member.value) + " is text, not a number");
  if (member.value == "true") return take(column, "1", sample);
  if (member.value == "false") return take(column, "0", sample);
  return take(column, member.value, sample);
}

bool RowParser::take(const Column& column, std::string_view text, Sample& sample) {
  switch (column.role) {
    case ColumnRole::value: return take_value(column, text, sample);
    case ColumnRole::time: return take_time(column, trim(text), sample);
    case ColumnRole::segment: next_segment_ = trim(text); return true;
    case ColumnRole::label: return take_label(column, trim(text), sample);
    case ColumnRole::skip: return true;
  }
  return true;
}

bool RowParser::take_value(const Column& column, std::string_view text, Sample& sample) {
  double raw = 0.0;
  const Cell cell = parse_cell(text, raw);
  if (cell == Cell::text) return refuse(column, in_quotes(trim(text)) + " is not a number");
  if (cell == Cell::missing) return refuse(column, "no value");
  return store(column, raw, sample) || refuse(column, in_quotes(trim(text)) + " is out of range");
}

/// False when the value is beyond a float.
bool RowParser::store(const Column& column, double raw, Sample& sample) {
  const auto value = static_cast<float>(raw * column.scale.factor + column.scale.offset);
  sample.values[column.channel] = value;
  return std::isfinite(value);
}

/// Reads the number that starts at `begin`, as most fields are: without looking for its comma
/// first. Returns how many characters it has; 0: whatever stands there needs a closer look.
std::size_t RowParser::take_plain(const Column& column, std::string_view line, std::size_t begin,
                                  Sample& sample) {
  if (column.role != ColumnRole::value) return 0;
  double raw = 0.0;
  const std::size_t size = parse_plain_decimal(line, begin, raw);
  const std::size_t end = begin + size;
  const bool whole = size > 0 && (end == line.size() || line[end] == ',');
  return whole && store(column, raw, sample) ? size : 0;
}

bool RowParser::take_time(const Column& column, std::string_view text, Sample& sample) {
  const int digits = nanosecond_digits(column.scale.factor);
  if (digits >= 0 && parse_fixed_point(text, digits, sample.time_ns)) return true;
  double raw = 0.0;
  if (parse_cell(text, raw) != Cell::number)
    return refuse(column, in_quotes(text) + " is not a time");
  const double time_ns = raw * column.scale.factor * 1e9;
  if (std::abs(time_ns) >= 9e18) return refuse(column, in_quotes(text) + " is out of range");
  sample.time_ns = std::llround(time_ns);
  return true;
}

bool RowParser::take_label(const Column& column, std::string_view text, Sample& sample) {
  if (text.size() > max_label_bytes) {
    return refuse(column, "label " + in_quotes(text) + " is longer than 16 bytes");
  }
  if (text.find('\\') != std::string_view::npos)
    return refuse(column, "label with an escape in it");
  sample.label = label_text(text);
  return true;
}

LineOutcome RowParser::finish(Sample& sample) {
  sample.count = static_cast<std::uint8_t>(channels_);
  const bool new_segment = next_segment_ != segment_;
  const bool backwards = has_time_ && sample.time_ns < last_time_ns_;
  sample.starts_segment = first_ || new_segment || backwards;
  if (new_segment) segment_ = next_segment_;
  if (has_time_) last_time_ns_ = sample.time_ns;
  first_ = false;
  return LineOutcome::sample;
}

bool RowParser::is_header(std::string_view line) {
  if (!row_.split(line) || row_.size() != columns_.size()) return false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (parse_csv_column(row_[i]).name != columns_[i].name) return false;
  }
  return true;
}

bool RowParser::refuse(const Column& column, std::string_view why) {
  rejection_ = "column '" + column.name + "': ";
  rejection_ += why;
  return false;
}

LineOutcome RowParser::reject(std::string reason) {
  rejection_ = std::move(reason);
  return LineOutcome::rejected;
}

LineOutcome RowParser::reject_count(std::size_t found) {
  return reject(std::to_string(found) + " columns instead of " + std::to_string(columns_.size()));
}

}  // namespace haltere::sensors
