#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/result.hpp"
#include "fusion/ahrs/vector.hpp"
#include "fusion/motion_recording.hpp"

namespace haltere::agent {

/// One recording of a folder with `trials.json`.
struct MotionTrial {
  std::string id;
  std::string name;
};

/// A folder of recordings: `trials.json` lists them, `ID.imu.f32` holds rows of nine little-endian
/// float32 (gyroscope rad/s, accelerometer m/s², magnetometer µT) at one rate.
struct MotionTrials {
  std::filesystem::path folder;
  double rate_hz = 0.0;
  std::vector<MotionTrial> trials;
};

/// Errors: not_found, io, invalid (no such list, no rate, an id that is no plain name).
[[nodiscard]] Result<MotionTrials> read_motion_trials(const std::filesystem::path& folder);

/// Errors: not_found, io, invalid (no whole number of rows).
[[nodiscard]] Result<fusion::MotionRecording> read_motion_trial(const MotionTrials& trials,
                                                                const MotionTrial& trial);

/// Rows of four little-endian float32, w x y z.
[[nodiscard]] std::vector<std::uint8_t> to_bytes(const std::vector<fusion::ahrs::Quat>& rows);

}  // namespace haltere::agent
