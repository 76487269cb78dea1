#include "fusion/known/complementary.hpp"

#include "fusion/known/madgwick.hpp"

namespace haltere {
namespace fusion {
namespace known {

using ahrs::Vec3;

void Complementary::update(const Vec3& rate_radps, const Vec3& acceleration_mps2,
                           const Vec3& field_ut, float dt_s) {
  if (!usable(rate_radps, acceleration_mps2, field_ut)) return;
  const float size = length(acceleration_mps2);
  if (!started) {
    q = level_and_north(acceleration_mps2, field_ut);
    started = size > 0;
    return;
  }
  q = normalized(q * ahrs::from_turn(dt_s * rate_radps));
  const float share = dt_s / (settings.time_constant_s + dt_s);
  Vec3 turn{0, 0, 0};
  if (size > 0) {
    const Vec3 up = (1 / size) * rotate(q, acceleration_mps2);
    turn = {share * up.y, -share * up.x, 0};
  }
  const Vec3 field = rotate(q, field_ut);
  if (field.x != 0 || field.y != 0) turn.z = share * ahrs::arc_tangent(field.x, field.y);
  q = normalized(ahrs::from_turn(turn) * q);
}

}  // namespace known
}  // namespace fusion
}  // namespace haltere
