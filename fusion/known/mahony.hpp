#pragma once

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace known {

/// Settings of Mahony's filter.
struct MahonySettings {
  float proportional_per_s = 0.74F;
  float integral_per_s2 = 0.0012F;
};

/// R. Mahony, T. Hamel, J.-M. Pflimlin, "Nonlinear complementary filters on the special orthogonal
/// group", 2008, eq. 32 (explicit complementary filter with bias correction): the gyroscope
/// integrated, turned towards what accelerometer and magnetometer show in proportion to the error
/// and its integral. For comparison with `ahrs::Ahrs`. Plain state.
struct Mahony {
  MahonySettings settings;
  ahrs::Quat q{1, 0, 0, 0};  ///< sensor to earth (east-north-up)
  ahrs::Vec3 bias_radps{0, 0, 0};
  bool started = false;

  /// As Madgwick::update.
  void update(const ahrs::Vec3& rate_radps, const ahrs::Vec3& acceleration_mps2,
              const ahrs::Vec3& field_ut, float dt_s);
};

}  // namespace known
}  // namespace fusion
}  // namespace haltere
