#pragma once

#include <cstddef>
#include <string>

#include "agent/fuse/orientation_run.hpp"
#include "config/result.hpp"
#include "fusion/motion_recording.hpp"

namespace haltere::agent {

/// What was read from a table.
struct MotionTable {
  fusion::MotionRecording recording;
  std::size_t rows = 0;
  std::size_t out_of_order = 0;  ///< samples passed over for standing before an earlier one
};

/// Reads a CSV of a time `t` and axes `gx gy gz`, `ax ay az`, `mx my mz` (also as `gyro_x`,
/// `acc_x`, `mag_x` and the like) in any units; without units rad/s, m/s² and µT. Blank cells stand
/// for "no sample of that sensor at this time". `rate_hz` is used where there is no time; 0 = none.
/// Errors: those of CsvReader; invalid (a column missing, a unit of another quantity, a cell of
/// text).
[[nodiscard]] Result<MotionTable> read_motion_table(const std::string& path, double rate_hz);

/// `result` as CSV: time, gravity, linear acceleration, heading, gyroscope's bias with its standard
/// deviation, hard iron, flags, and last the quaternion.
[[nodiscard]] std::string orientation_csv(const fusion::MotionRecording& recording,
                                          const OrientationResult& result);

}  // namespace haltere::agent
