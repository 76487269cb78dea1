#include "fusion/ahrs/ahrs.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

Quat AhrsCore::orientation() const {
  const State& s = state_;
  const Quat ahead = from_turn(settings_.sensor.gyroscope_latency_s * s.rate_radps);
  const Quat q = normalized(s.heading.to_north() * s.tilt.inclination * s.strapdown * ahead);
  return q.w < 0 ? Quat{-q.w, -q.x, -q.y, -q.z} : q;
}

Output AhrsCore::output() const {
  const State& s = state_;
  Output out{};
  out.orientation = orientation();
  const Mat3 to_earth = to_matrix(out.orientation);
  out.gravity_mps2 = gravity_mps2 * Vec3{to_earth.m[6], to_earth.m[7], to_earth.m[8]};
  if (s.has_accelerometer) out.linear_acceleration_mps2 = s.acceleration_mps2 - out.gravity_mps2;
  const float heading = arc_tangent(to_earth.m[0], to_earth.m[3]);
  out.heading_rad = heading < 0 ? heading + 2 * pi : heading;
  out.gyro_bias_radps = s.gyro.bias_radps;
  constexpr size_t bias = GyroCalibration::bias;
  const float* sigma = s.gyro.covariance.sigma + bias;
  out.gyro_bias_sigma_radps = {sigma[0], sigma[1], sigma[2]};
  out.hard_iron_ut = s.magnet.hard_iron_ut();
  out.magnetometer_latency_s =
      settings_.sensor.magnetometer_latency_s + s.magnet.state[MagnetCalibration::latency];
  out.at_rest = s.rest.still_s >= settings_.motion.rest_duration_s;
  out.has_heading = s.has_magnetometer;
  out.field_disturbed = s.has_magnetometer && s.heading.watch.disturbed();
  out.saturated.gyroscope = s.gyro_clipped;
  out.saturated.accelerometer = s.accelerometer_clipped;
  out.saturated.magnetometer = s.magnetometer_clipped;
  return out;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
