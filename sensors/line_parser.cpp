#include "sensors/line_parser.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace haltere::sensors {

LineParser::LineParser(std::vector<Column> columns, LineFormat format, double rate_hz)
    : rows_(std::move(columns), format),
      period_ns_(rate_hz > 0.0 ? std::llround(1e9 / rate_hz) : 0) {
  half_line_.reserve(max_line_bytes);
}

void LineParser::feed(std::span<const std::uint8_t> bytes, TimeNs now_ns,
                      std::vector<Sample>& samples) {
  const std::size_t before = samples.size();
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    end_line(rest.substr(0, end), samples);
    rest.remove_prefix(end + 1);
  }
  keep(rest);
  if (!rows_.has_time()) spread(std::span(samples).subspan(before), now_ns);
}

void LineParser::end_line(std::string_view tail, std::vector<Sample>& samples) {
  const bool whole = half_line_.empty() && tail.size() <= max_line_bytes;
  if (!whole) keep(tail);
  if (std::exchange(discarding_, false)) {
    half_line_.clear();
    return reject("longer than 1024 bytes, or only the end of a line");
  }
  std::string_view line = whole ? tail : std::string_view(half_line_);
  if (line.ends_with('\r')) line.remove_suffix(1);
  Sample& sample = samples.emplace_back();
  const LineOutcome outcome = rows_.parse(line, sample);
  if (outcome == LineOutcome::sample) {
    ++counters_.samples;
  } else {
    samples.pop_back();
  }
  if (outcome == LineOutcome::rejected) reject(rows_.rejection());
  half_line_.clear();
}

void LineParser::keep(std::string_view half_line) {
  if (discarding_) return;
  discarding_ = half_line_.size() + half_line.size() > max_line_bytes;
  if (!discarding_) half_line_ += half_line;
}

void LineParser::reject(std::string_view why) {
  ++counters_.rejected;
  last_rejection_ = why;
}

void LineParser::spread(std::span<Sample> samples, TimeNs now_ns) {
  TimeNs time_ns = now_ns - period_ns_ * (static_cast<TimeNs>(samples.size()) - 1);
  for (Sample& sample : samples) {
    sample.time_ns = std::min(std::max(time_ns, last_time_ns_ + 1), now_ns);
    last_time_ns_ = sample.time_ns;
    time_ns += period_ns_;
  }
}

}  // namespace haltere::sensors
