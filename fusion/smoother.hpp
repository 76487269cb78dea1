#pragma once

#include <vector>

#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/vector.hpp"
#include "fusion/motion_recording.hpp"

namespace haltere::fusion {

/// Orientation (sensor to east-north-up) at each of the gyroscope's stamps, from the whole
/// recording, the future included (Laidig and Seel, section 3.8): the causal filter runs forward,
/// backward and forward again, each time from the calibration found before; the tilt is low-pass
/// filtered both ways, without delay, and so is the heading. Memory: about 150 bytes a sample.
[[nodiscard]] std::vector<ahrs::Quat> smooth(const MotionRecording& recording,
                                             const ahrs::Settings& settings = {});

}  // namespace haltere::fusion
