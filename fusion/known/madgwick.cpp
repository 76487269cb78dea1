#include "fusion/known/madgwick.hpp"

namespace haltere {
namespace fusion {
namespace known {

using ahrs::Quat;
using ahrs::Vec3;

namespace {

// Gradient, by the quaternion, of half the squared distance between the sensor's unit vector
// `seen` and the earth's (0, y, z) turned into the sensor frame: J^T f of eq. 25-34.
void add_gradient(const Quat& q, const Vec3& seen, float y, float z, Quat* gradient) {
  const Vec3 f{2 * y * (q.x * q.y + q.w * q.z) + 2 * z * (q.x * q.z - q.w * q.y) - seen.x,
               y * (1 - 2 * (q.x * q.x + q.z * q.z)) + 2 * z * (q.y * q.z + q.w * q.x) - seen.y,
               2 * y * (q.y * q.z - q.w * q.x) + z * (1 - 2 * (q.x * q.x + q.y * q.y)) - seen.z};
  gradient->w += 2 * ((y * q.z - z * q.y) * f.x + z * q.x * f.y - y * q.x * f.z);
  gradient->x += 2 * ((y * q.y + z * q.z) * f.x + (z * q.w - 2 * y * q.x) * f.y -
                      (y * q.w + 2 * z * q.x) * f.z);
  gradient->y += 2 * ((y * q.x - z * q.w) * f.x + z * q.z * f.y + (y * q.z - 2 * z * q.y) * f.z);
  gradient->z += 2 * ((y * q.w + z * q.x) * f.x + (z * q.y - 2 * y * q.z) * f.y + y * q.y * f.z);
}

}  // namespace

bool usable(const Vec3& rate_radps, const Vec3& acceleration_mps2, const Vec3& field_ut) {
  return within(rate_radps, ahrs::max_rate_radps) &&
         within(acceleration_mps2, ahrs::max_acceleration_mps2) &&
         within(field_ut, ahrs::max_field_ut);
}

Quat level_and_north(const Vec3& acceleration_mps2, const Vec3& field_ut) {
  const float size = length(acceleration_mps2);
  if (!(size > 0)) return {1, 0, 0, 0};
  const Quat level = ahrs::levelling((1 / size) * acceleration_mps2);
  const Vec3 field = rotate(level, field_ut);
  if (field.x == 0 && field.y == 0) return level;
  return normalized(ahrs::from_turn({0, 0, ahrs::arc_tangent(field.x, field.y)}) * level);
}

void Madgwick::update(const Vec3& rate_radps, const Vec3& acceleration_mps2, const Vec3& field_ut,
                      float dt_s) {
  if (!usable(rate_radps, acceleration_mps2, field_ut)) return;
  const float size = length(acceleration_mps2);
  if (!started) {
    q = level_and_north(acceleration_mps2, field_ut);
    started = size > 0;
    return;
  }
  const Quat turn = q * Quat{0, 0.5F * rate_radps.x, 0.5F * rate_radps.y, 0.5F * rate_radps.z};
  Quat gradient{0, 0, 0, 0};
  if (size > 0) {
    add_gradient(q, (1 / size) * acceleration_mps2, 0, 1, &gradient);
    const float field_size = length(field_ut);
    if (field_size > 0) {
      const Vec3 field = (1 / field_size) * field_ut;
      const Vec3 earth = rotate(q, field);  // eq. 45-46: the reference has the dip that is seen
      add_gradient(q, field, ahrs::length({earth.x, earth.y, 0}), earth.z, &gradient);
    }
  }
  const float squared = gradient.w * gradient.w + gradient.x * gradient.x +
                        gradient.y * gradient.y + gradient.z * gradient.z;
  const float step = squared > 0 ? settings.beta_radps / kernels::square_root_f32(squared) : 0.0F;
  q = ahrs::normalized(
      {q.w + dt_s * (turn.w - step * gradient.w), q.x + dt_s * (turn.x - step * gradient.x),
       q.y + dt_s * (turn.y - step * gradient.y), q.z + dt_s * (turn.z - step * gradient.z)});
}

}  // namespace known
}  // namespace fusion
}  // namespace haltere
