#pragma once

#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace known {

/// Settings of Madgwick's filter.
struct MadgwickSettings {
  float beta_radps = 0.12F;  ///< speed of the correction, eq. 33
};

/// S. Madgwick, "An efficient orientation filter for inertial and inertial/magnetic sensor arrays",
/// 2010: the gyroscope integrated, and one step of gradient descent a sample towards what
/// accelerometer and magnetometer show. For comparison with `ahrs::Ahrs`. Earth frame here:
/// east-north-up. Plain state.
struct Madgwick {
  MadgwickSettings settings;
  ahrs::Quat q{1, 0, 0, 0};  ///< sensor to earth
  bool started = false;

  /// Takes samples of one moment, `dt_s` after those before. A zero `field_ut` stands for no
  /// magnetometer. The first call takes what accelerometer and magnetometer show as it is; one
  /// with numbers beyond any sensor changes nothing.
  void update(const ahrs::Vec3& rate_radps, const ahrs::Vec3& acceleration_mps2,
              const ahrs::Vec3& field_ut, float dt_s);
};

/// Whether the samples could come from a sensor: finite, and no larger than any shows.
bool usable(const ahrs::Vec3& rate_radps, const ahrs::Vec3& acceleration_mps2,
            const ahrs::Vec3& field_ut);

/// Orientation that accelerometer and magnetometer show at rest: up by the one, north by the other
/// (where it is not zero).
ahrs::Quat level_and_north(const ahrs::Vec3& acceleration_mps2, const ahrs::Vec3& field_ut);

}  // namespace known
}  // namespace fusion
}  // namespace haltere
