#pragma once

#include <string>

#include "agent/fuse/orientation_run.hpp"
#include "fusion/motion_recording.hpp"

namespace haltere::agent {

/// Roll, pitch and heading over time as an SVG file, with strips where the sensor was at rest and
/// where its magnetometer was not trusted.
[[nodiscard]] std::string orientation_svg(const fusion::MotionRecording& recording,
                                          const OrientationResult& result);

}  // namespace haltere::agent
