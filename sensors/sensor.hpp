#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "config/result.hpp"
#include "sensors/sample.hpp"

namespace haltere::sensors {

/// What a bus thread waits for before it calls `Sensor::read`.
struct Wake {
  int fd = -1;                         ///< readable when there is data; -1 = none
  std::chrono::nanoseconds period{0};  ///< longest wait between reads; 0 = only the fd counts
};

/// Faults counted since the sensor was opened, one counter per kind.
struct SensorCounters {
  std::uint64_t samples = 0;
  std::uint64_t rejected = 0;  ///< lines or transfers that arrived but were not a valid sample
  std::uint64_t lost = 0;      ///< samples known to be missing: FIFO overflow, sequence gap
};

/// A device that yields samples. Opened and read on its bus's thread only; never retries or logs
/// (agent/health does), never throws.
class Sensor {
 public:
  Sensor() = default;
  Sensor(const Sensor&) = delete;
  Sensor& operator=(const Sensor&) = delete;
  virtual ~Sensor() = default;

  [[nodiscard]] virtual const Layout& layout() const = 0;
  [[nodiscard]] virtual Wake wake() const = 0;
  [[nodiscard]] virtual const SensorCounters& counters() const = 0;

  /// Why the last rejected input was, for the status; empty if none was.
  [[nodiscard]] virtual std::string_view last_rejection() const { return {}; }

  /// Appends every sample that is complete by `now_ns` (host monotonic clock) to `samples`, oldest
  /// first, those before a failure too; their `sensor` field is left for the caller. Rejected input
  /// is counted, not an error. Errors: unavailable (device gone: close and reopen), timeout, busy,
  /// io, corrupt.
  virtual Status read(TimeNs now_ns, std::vector<Sample>& samples) = 0;
};

}  // namespace haltere::sensors
