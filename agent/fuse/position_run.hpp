#pragma once

#include <string>
#include <vector>

#include "config/result.hpp"
#include "fusion/motion_recording.hpp"
#include "fusion/navigation/navigator.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// A fix, or a velocity, east, north and up.
struct ReceiverSample {
  sensors::TimeNs time_ns = 0;  ///< of its arrival
  fusion::navigation::Vec3 value;
};

/// What a satellite receiver told, each ascending by time.
struct ReceiverRecording {
  std::vector<ReceiverSample> fixes;       ///< m
  std::vector<ReceiverSample> velocities;  ///< m/s
};

/// What came of one recording.
struct PositionResult {
  std::vector<sensors::TimeNs> time_ns;  ///< the gyroscope's stamps
  std::vector<fusion::navigation::PositionOutput> rows;
  fusion::navigation::PositionCounts counts;
};

/// The columns `lat lon height` (in degrees without a unit; then m east, north and up of the first
/// fix) or `east north up` (also `e n u`) of a CSV, and its velocity's `ve vn vu`, if any, in m/s.
/// Rows with blank cells are none, nor are those that repeat the one before: a slower sensor's,
/// held. Errors: those of CsvReader; invalid (no such columns, a cell of text, no place on earth).
[[nodiscard]] Result<ReceiverRecording> read_receiver(const std::string& path, double rate_hz);

/// Position, velocity and orientation at each of the gyroscope's stamps.
[[nodiscard]] PositionResult run_position(const fusion::MotionRecording& recording,
                                          const ReceiverRecording& receiver,
                                          const fusion::navigation::NavigatorSettings& settings);

/// `result` as CSV.
[[nodiscard]] std::string position_csv(const PositionResult& result);

/// East, north, up and speed over time as an SVG file.
[[nodiscard]] std::string position_svg(const PositionResult& result);

}  // namespace haltere::agent
