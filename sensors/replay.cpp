#include "sensors/replay.hpp"

#include <cmath>
#include <utility>

namespace haltere::sensors {
namespace {

constexpr TimeNs segment_gap_ns = 1'000'000'000;

}  // namespace

Recording::Recording(CsvReader reader, RowParser rows, double rate_hz)
    : reader_(std::move(reader)), rows_(std::move(rows)), rate_hz_(rate_hz) {}

Result<Recording> Recording::open(const std::string& path, const std::vector<Column>& columns,
                                  double rate_hz) {
  Result<CsvReader> reader = CsvReader::open(path);
  if (!reader) return reader.error();
  Result<std::vector<Column>> matched = match_columns(columns, reader->header());
  if (!matched) return reader->error_at(1, matched.error().message);
  RowParser rows(std::move(*matched), LineFormat::csv);
  if (!rows.has_time() && rate_hz <= 0.0) {
    return reader->error_at(1, "no column 't' for the time; give the sensor a 'rate', as in 100Hz");
  }
  return Recording(std::move(*reader), std::move(rows), rate_hz);
}

Result<bool> Recording::next(Sample& sample) {
  std::string_view record;
  while (true) {
    Result<bool> found = reader_.next_record(record);
    if (!found || !*found) return found;
    const LineOutcome outcome = rows_.parse(record, sample);
    if (outcome == LineOutcome::sample) break;
    if (outcome == LineOutcome::ignored) continue;
    ++counters_.rejected;
    last_rejection_ = reader_.error_at(1, rows_.rejection()).message;
  }
  if (!rows_.has_time()) sample.time_ns = synthetic_time(sample);
  ++counters_.samples;
  return true;
}

TimeNs Recording::synthetic_time(const Sample& sample) {
  if (sample.starts_segment && counters_.samples > 0) gaps_ns_ += segment_gap_ns;
  return gaps_ns_ + std::llround(static_cast<double>(counters_.samples) * 1e9 / rate_hz_);
}

}  // namespace haltere::sensors
