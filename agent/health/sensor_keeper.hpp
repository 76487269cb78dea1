#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/health/backoff.hpp"
#include "config/result.hpp"
#include "fusion/clock_map.hpp"
#include "sensors/sample.hpp"
#include "sensors/sensor.hpp"

namespace haltere::agent {

/// What is known of a sensor's health; a copy.
struct SensorHealth {
  sensors::SensorCounters counters;  ///< summed over every time it was opened
  std::uint64_t reopened = 0;
  bool connected = false;
  std::string last_fault;  ///< why it is not, or why its last input was rejected
};

/// Keeps one sensor going: opens it, reads it, and when it fails closes it and tries again after a
/// while, for ever. Logs each change once. The only place that retries. All on the bus's thread,
/// except `health`.
class SensorKeeper {
 public:
  using Open = std::function<Result<std::unique_ptr<sensors::Sensor>>()>;

  /// `maps_clock`: the sensor stamps samples by a clock of its own; they get the host's times.
  SensorKeeper(std::string id, std::uint16_t index, Open open, bool maps_clock = false);

  /// What must happen next, and when at the latest.
  struct Next {
    int fd = -1;                 ///< readable = due; -1 = only the time counts
    sensors::TimeNs due_ns = 0;  ///< on the host's monotonic clock; max = never
  };
  [[nodiscard]] Next next() const;

  /// Opens or reads it if that is due: `fd_ready` or its time has come. Appends samples, numbered
  /// as this sensor's; the first after a failure starts a segment.
  void service(sensors::TimeNs now_ns, bool fd_ready, std::vector<sensors::Sample>& samples);

  [[nodiscard]] std::uint16_t index() const { return index_; }

  /// Any thread.
  [[nodiscard]] SensorHealth health() const;

 private:
  void open(sensors::TimeNs now_ns);
  void read(sensors::TimeNs now_ns, std::vector<sensors::Sample>& samples);
  void map_clock(sensors::TimeNs now_ns, std::span<sensors::Sample> samples);
  void fail(sensors::TimeNs now_ns, const Error& error);
  void close();
  void report(const std::string& problem);
  void publish();

  std::string id_;
  std::uint16_t index_;
  Open open_;
  std::optional<fusion::ClockMap> clock_;
  std::unique_ptr<sensors::Sensor> sensor_;
  Backoff backoff_;
  sensors::TimeNs due_ns_ = 0;
  int failures_in_a_row_ = 0;
  bool starts_segment_ = false;
  bool was_open_ = false;
  std::string problem_;           ///< as last logged; empty = all is well
  sensors::SensorCounters past_;  ///< of earlier openings
  mutable std::mutex mutex_;
  SensorHealth health_;  ///< guarded by mutex_
};

}  // namespace haltere::agent
