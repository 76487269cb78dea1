#pragma once

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace known {

/// Settings of the complementary filter.
struct ComplementarySettings {
  float time_constant_s = 3.0F;  ///< faster: gyroscope; slower: accelerometer and magnetometer
};

/// The complementary filter of the textbooks, on quaternions: the gyroscope integrated, then turned
/// a share dt / (T + dt) of the way to level and to north. For comparison with `ahrs::Ahrs`. Plain
/// state.
struct Complementary {
  ComplementarySettings settings;
  ahrs::Quat q{1, 0, 0, 0};  ///< sensor to earth (east-north-up)
  bool started = false;

  /// As Madgwick::update.
  void update(const ahrs::Vec3& rate_radps, const ahrs::Vec3& acceleration_mps2,
              const ahrs::Vec3& field_ut, float dt_s);
};

}  // namespace known
}  // namespace fusion
}  // namespace haltere
