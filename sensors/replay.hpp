#pragma once

#include <string>
#include <vector>

#include "config/result.hpp"
#include "sensors/columns.hpp"
#include "sensors/csv.hpp"
#include "sensors/row_parser.hpp"
#include "sensors/sample.hpp"
#include "sensors/sensor.hpp"

namespace haltere::sensors {

/// The samples of a CSV recording, as the sensor would have sent them.
class Recording {
 public:
  /// Opens `path` and matches its header to a sensor's `columns` (match_columns). Without a `t`
  /// column in the file, sample n is taken at n / `rate_hz`, with a gap of one second before each
  /// new segment. Errors: not_found, io, invalid (header; neither `t` nor a rate).
  [[nodiscard]] static Result<Recording> open(const std::string& path,
                                              const std::vector<Column>& columns, double rate_hz);

  /// Reads the next sample; false at the end. A line that is no sample is counted and passed over.
  /// Errors: io, invalid (not CSV any more: a quote left open).
  Result<bool> next(Sample& sample);

  [[nodiscard]] const SensorCounters& counters() const { return counters_; }

  /// Why the last rejected line was, as FILE:LINE:1: reason.
  [[nodiscard]] const std::string& last_rejection() const { return last_rejection_; }

 private:
  Recording(CsvReader reader, RowParser rows, double rate_hz);
  [[nodiscard]] TimeNs synthetic_time(const Sample& sample);

  CsvReader reader_;
  RowParser rows_;
  double rate_hz_;
  TimeNs gaps_ns_ = 0;
  SensorCounters counters_;
  std::string last_rejection_;
};

}  // namespace haltere::sensors
