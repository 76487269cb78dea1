#pragma once

#include <vector>

#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/vector.hpp"
#include "fusion/motion_recording.hpp"

namespace haltere::fusion {

/// What is known of a recording's sensors at each of the gyroscope's samples.
struct Knowledge {
  std::vector<ahrs::Vec3> bias_radps;
  std::vector<ahrs::Vec3> hard_iron_ut;
  std::vector<bool> trusted;  ///< the magnetometer
  ahrs::Mat3 scale_error{};
};

/// Orientation at each of the gyroscope's original stamps. `motion` has stamps without latency:
/// those are the `settings`' latency later.
[[nodiscard]] std::vector<ahrs::Quat> smoothed(const MotionRecording& motion,
                                               const Knowledge& known,
                                               const ahrs::Settings& settings);

/// Low-pass filters `samples` forward and backward, which leaves no delay; the ends are mirrored.
void filter_both_ways(std::vector<TimedVector>& samples, float time_constant_s);

}  // namespace haltere::fusion
