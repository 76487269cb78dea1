#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fusion/navigation/vector.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion {

/// Where cameras saw a recording's sensor: `ID.pos.i16` and `ID.move.u8` beside it, and its
/// velocity by lines through nine positions (28 ms).
struct PositionTruth {
  std::vector<sensors::TimeNs> time_ns;
  std::vector<navigation::Vec3> position_m;  ///< east, north, up; on a line across gaps
  std::vector<navigation::Vec3> velocity_mps;
  std::vector<bool> scored;  ///< moving, and seen from four samples before to four after
};

/// Nothing where the files are missing or do not fit each other.
[[nodiscard]] std::optional<PositionTruth> read_position_truth(const std::string& folder,
                                                               const std::string& id,
                                                               double rate_hz);

/// The true position at any time, on a line between samples.
[[nodiscard]] navigation::Vec3 position_at(const PositionTruth& truth, sensors::TimeNs time_ns);
[[nodiscard]] navigation::Vec3 velocity_at(const PositionTruth& truth, sensors::TimeNs time_ns);

/// A pressure, and what drifted of it, as height.
struct MadeUpPressure {
  sensors::TimeNs time_ns = 0;
  double pressure_pa = 0.0;
  double drift_m = 0.0;
};

/// What a BME280 would have measured at the true height of sea-level pressure: 25 Hz at 16-fold
/// oversampling without its filter, 1.3 Pa of white noise and steps of 0.18 Pa (data sheet
/// BST-BME280-DS002 rev. 1.6, table 3), each sample the mean over its conversion of 40 ms; the
/// offset drifts by 1.5 Pa/K (same table) as it warms by 1 K in a minute, and the weather's
/// pressure falls by 0.5 hPa an hour.
[[nodiscard]] std::vector<MadeUpPressure> made_up_barometer(const PositionTruth& truth,
                                                            std::uint64_t seed);

/// A satellite receiver: white errors of a fix and of a velocity, and how late both arrive. The
/// velocity's is u-blox's for the M8 and F9 (0.05 m/s, data sheet UBX-15031086, section 1.2).
struct MadeUpReceiver {
  double rate_hz = 5.0;
  double horizontal_sigma_m = 2.1;
  double vertical_sigma_m = 3.5;
  double velocity_sigma_mps = 0.05;
  double latency_s = 0.1;
};

/// What it tells, and when it arrives.
struct MadeUpFix {
  sensors::TimeNs time_ns = 0;
  navigation::Vec3 position_m;
  navigation::Vec3 velocity_mps;
};

[[nodiscard]] std::vector<MadeUpFix> made_up_receiver(const PositionTruth& truth,
                                                      const MadeUpReceiver& receiver,
                                                      std::uint64_t seed);

}  // namespace haltere::fusion
