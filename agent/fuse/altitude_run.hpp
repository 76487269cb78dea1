#pragma once

#include <string>
#include <vector>

#include "config/result.hpp"
#include "fusion/motion_recording.hpp"
#include "fusion/navigation/altitude.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// A barometer's sample.
struct PressureSample {
  sensors::TimeNs time_ns = 0;
  double pressure_pa = 0.0;
};

/// What came of one recording.
struct AltitudeResult {
  std::vector<sensors::TimeNs> time_ns;  ///< the gyroscope's stamps
  std::vector<fusion::navigation::AltitudeOutput> rows;
  fusion::navigation::AltitudeCounts counts;
};

/// The column `pressure` (also `p`, `barometer`) of a CSV, without a unit in Pa. Blank cells are no
/// samples, nor is a value that repeats the one before: a slower sensor's, held. Errors: those of
/// CsvReader; invalid (no such column, a cell of text).
[[nodiscard]] Result<std::vector<PressureSample>> read_pressures(const std::string& path,
                                                                 double rate_hz);

/// Orientation by the causal filter, then height and vertical speed, at each of the gyroscope's
/// stamps.
[[nodiscard]] AltitudeResult run_altitude(const fusion::MotionRecording& recording,
                                          const std::vector<PressureSample>& pressures,
                                          const fusion::navigation::AltitudeSettings& settings);

/// `result` as CSV.
[[nodiscard]] std::string altitude_csv(const AltitudeResult& result);

/// Height and vertical speed over time as an SVG file.
[[nodiscard]] std::string altitude_svg(const AltitudeResult& result);

}  // namespace haltere::agent
