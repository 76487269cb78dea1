#pragma once

#include "fusion/ahrs/low_pass.hpp"
#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// Inclination from the accelerometer, low-pass filtered in the almost-inertial frame, where
/// gravity stands still and accelerations average out (section 3.3). Plain state.
struct Tilt {
  LowPass acceleration;
  float age_s;       ///< of the filter, up to its time constant
  Quat inclination;  ///< almost-inertial frame to the tilt-corrected one

  void clear() {
    acceleration.clear();
    age_s = 0;
    inclination = {1, 0, 0, 0};
  }

  /// What gravity looked like before tells nothing any more.
  void restart() {
    acceleration.clear();
    age_s = 0;
  }

  /// The mean so far is worth no more than that of `worth_s`.
  void doubt(float worth_s) {
    if (worth_s >= age_s) return;
    acceleration.slope = {0, 0, 0};
    age_s = worth_s;
  }

  /// Takes the mean acceleration of an interval in the almost-inertial frame. Returns the rotation
  /// by which `inclination` was corrected, and sets `levelled`; nothing is corrected in free fall,
  /// and the first levelling is no correction.
  Vec3 update(const Vec3& inertial_mps2, float dt_s, float time_constant_s, bool* levelled) {
    constexpr float weightless_mps2 = 0.5F;
    age_s = smaller(age_s + dt_s, time_constant_s);
    const Vec3 mean = acceleration.update(inertial_mps2, dt_s, age_s, time_constant_s);
    const float size = length(mean);
    if (size < weightless_mps2) return {0, 0, 0};
    const Vec3 up = (1 / size) * rotate(inclination, mean);
    inclination = normalized(levelling(up) * inclination);
    const bool first = !*levelled;
    *levelled = true;
    return first ? Vec3{0, 0, 0} : Vec3{up.y, -up.x, 0};
  }
};

/// Rest, by how little the sensors differ from their low-pass filtered selves (section 3.5.1).
/// Plain state.
struct Rest {
  LowPass rate;
  LowPass acceleration;
  float age_s;  ///< of both filters, up to their time constant
  float still_s;

  void clear() {
    rate.clear();
    acceleration.clear();
    age_s = 0;
    still_s = 0;
  }

  const Vec3& mean_rate_radps() const { return rate.output; }

  /// Takes the means of an interval: what the gyroscope showed, and the acceleration in the
  /// almost-inertial frame, which stands still at rest.
  void update(const Settings& settings, const Vec3& rate_radps, const Vec3& inertial_mps2,
              float dt_s) {
    const MotionSettings& motion = settings.motion;
    const float constant_s = motion.rest_time_constant_s;
    age_s = smaller(age_s + dt_s, constant_s);
    const Vec3 mean_rate = rate.update(rate_radps, dt_s, age_s, constant_s);
    const Vec3 turning = rate_radps - mean_rate;
    const Vec3 shaking =
        inertial_mps2 - acceleration.update(inertial_mps2, dt_s, age_s, constant_s);
    const bool still =
        dot(turning, turning) < motion.rest_angular_rate_radps * motion.rest_angular_rate_radps &&
        dot(shaking, shaking) < motion.rest_acceleration_mps2 * motion.rest_acceleration_mps2 &&
        within(mean_rate, settings.sensor.bias_limit_radps);
    still_s = still ? smaller(still_s + dt_s, motion.rest_duration_s) : 0;
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
