#include "fusion/known/mahony.hpp"

#include "fusion/known/madgwick.hpp"

namespace haltere {
namespace fusion {
namespace known {

using ahrs::Mat3;
using ahrs::Vec3;

void Mahony::update(const Vec3& rate_radps, const Vec3& acceleration_mps2, const Vec3& field_ut,
                    float dt_s) {
  if (!usable(rate_radps, acceleration_mps2, field_ut)) return;
  const float size = length(acceleration_mps2);
  if (!started) {
    q = level_and_north(acceleration_mps2, field_ut);
    started = size > 0;
    return;
  }
  Vec3 error{0, 0, 0};
  if (size > 0) {
    const Mat3 r = to_matrix(q);
    error = cross((1 / size) * acceleration_mps2, {r.m[6], r.m[7], r.m[8]});
    const float field_size = length(field_ut);
    if (field_size > 0) {
      const Vec3 field = (1 / field_size) * field_ut;
      const Vec3 earth = r * field;
      const float north = ahrs::length({earth.x, earth.y, 0});
      const Vec3 expected = {r.m[3] * north + r.m[6] * earth.z, r.m[4] * north + r.m[7] * earth.z,
                             r.m[5] * north + r.m[8] * earth.z};
      error = error + cross(field, expected);
    }
  }
  bias_radps = bias_radps - (settings.integral_per_s2 * dt_s) * error;
  const Vec3 rate = rate_radps - bias_radps + settings.proportional_per_s * error;
  q = normalized(q * ahrs::from_turn(dt_s * rate));
}

}  // namespace known
}  // namespace fusion
}  // namespace haltere
