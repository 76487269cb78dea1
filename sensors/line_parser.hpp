#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sensors/row_parser.hpp"
#include "sensors/sample.hpp"
#include "sensors/sensor.hpp"

namespace haltere::sensors {

/// Longest line a sensor may send; longer ones are rejected without being stored.
inline constexpr std::size_t max_line_bytes = 1024;

/// Turns a byte stream into samples: cuts lines, bounds their length, counts what is no sample.
class LineParser {
 public:
  /// `rate_hz` spreads lines that arrived together over the time they took, where they carry no
  /// time of their own; 0 = they all get the time of arrival.
  LineParser(std::vector<Column> columns, LineFormat format, double rate_hz);

  /// The stream was joined somewhere: what comes before the next line end may be half a line.
  void join_mid_line() { discarding_ = true; }

  /// Appends the samples that `bytes`, arrived by `now_ns`, complete.
  void feed(std::span<const std::uint8_t> bytes, TimeNs now_ns, std::vector<Sample>& samples);

  [[nodiscard]] const SensorCounters& counters() const { return counters_; }
  [[nodiscard]] const std::string& last_rejection() const { return last_rejection_; }

 private:
  void end_line(std::string_view tail, std::vector<Sample>& samples);
  void keep(std::string_view half_line);
  void reject(std::string_view why);
  void spread(std::span<Sample> samples, TimeNs now_ns);

  RowParser rows_;
  TimeNs period_ns_;
  std::string half_line_;
  bool discarding_ = false;
  TimeNs last_time_ns_ = 0;
  SensorCounters counters_;
  std::string last_rejection_;
};

}  // namespace haltere::sensors
