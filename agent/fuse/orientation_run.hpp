#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fusion/ahrs/ahrs.hpp"
#include "fusion/motion_recording.hpp"

namespace haltere::agent {

/// How an orientation is worked out from a recording.
enum class OrientationMethod : std::uint8_t { ours, offline, madgwick, mahony, complementary };

/// "ours", "offline", "madgwick" ...
[[nodiscard]] std::string_view to_string(OrientationMethod method);

/// What is asked for.
struct OrientationRequest {
  OrientationMethod method = OrientationMethod::ours;
  bool without_magnetometer = false;
  fusion::ahrs::Settings settings;
};

/// What came of one recording.
struct OrientationResult {
  std::vector<fusion::ahrs::Output> rows;  ///< at each of the gyroscope's stamps
  fusion::ahrs::Counts counts{};           ///< of the causal filter
};

/// Runs `request.method` over `recording`. Other methods than `ours` give orientation, gravity,
/// linear acceleration and heading alone.
[[nodiscard]] OrientationResult run_orientation(const fusion::MotionRecording& recording,
                                                const OrientationRequest& request);

}  // namespace haltere::agent
