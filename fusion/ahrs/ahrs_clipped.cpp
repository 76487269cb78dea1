// What clipped samples leave unseen, and what an orientation is worth then.

#include "fusion/ahrs/ahrs.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {
namespace {

// What is beyond a range is as large as half of the range, one deviation: of turns as long as it
// lasts, of accelerations, which are short, for 10 ms.
constexpr float beyond_share = 0.5F;
constexpr float acceleration_beyond_s = 0.01F;
constexpr float unseen_steps = 1024.0F;
// Accelerations of 0.3 g that last for a second; a heading of 0.2 rad in 100 samples that err
// alike.
constexpr float acceleration_variance_s = 0.1F;
constexpr float heading_variance = 4.0F;
constexpr float lost_turn_rad = 0.5F;  // that may have been missed, and the orientation is lost

// `v` without the axes that are not in `axes`.
Vec3 part_of(const Vec3& v, unsigned axes) {
  return {(axes & 1U) != 0 ? v.x : 0, (axes & 2U) != 0 ? v.y : 0, (axes & 4U) != 0 ? v.z : 0};
}

}  // namespace

// An unseen turn: tilt and heading are those of the next samples, not what is left of a mean with
// those before it.
void AhrsCore::start_again() {
  ++state_.counts.lost;
  state_.tilt.restart();
  state_.heading.restart();
}

void AhrsCore::note_clipped_rate(const Vec3& rate_radps, Clipped clipped, float dt_s) {
  State& s = state_;
  const uint8_t range = beyond(rate_radps, settings_.sensor.gyroscope_range_radps);
  s.gyro_clipped = (clipped.axes | range) & 7U;
  if (s.gyro_clipped != 0) {
    miss_turn(rate_radps, dt_s * static_cast<float>(clipped.samples));
  } else if (s.unseen != 0) {
    end_missed_turn();
  }
}

// By how much it turned unseen is not known, but about which axes.
void AhrsCore::miss_turn(const Vec3& rate_radps, float dt_s) {
  State& s = state_;
  const Vec3 turn = (beyond_share * dt_s) * part_of(rate_radps, s.gyro_clipped);
  const float size = length(turn);
  const float before = (1 / unseen_steps) * static_cast<float>(s.unseen);
  const float after = smaller(before + size, 60);
  s.unseen = static_cast<uint16_t>(unseen_steps * after + 1.0F);  // not rounded down to none
  if (!(size > 0)) return;
  const Vec3 about = (1 / size) * rotate(s.tilt.inclination * s.strapdown, turn);
  const float more = after * after - before * before;
  constexpr size_t error = GyroCalibration::orientation;
  s.gyro.covariance.widen(error, more * about.x * about.x);
  s.gyro.covariance.widen(error + 1, more * about.y * about.y);
  s.gyro.covariance.widen(error + 2, more * about.z * about.z);
}

// What the next samples say counts as much as it is worth beside what is left.
void AhrsCore::end_missed_turn() {
  State& s = state_;
  const float missed_rad = (1 / unseen_steps) * static_cast<float>(s.unseen);
  const float variance = missed_rad * missed_rad;
  s.unseen = 0;
  s.tilt.doubt(acceleration_variance_s / variance);
  s.heading.doubt(variance / (variance + heading_variance));
  if (missed_rad > lost_turn_rad) ++s.counts.lost;
}

// Too short for the tilt's mean, but velocities would be taken for an error of the tilt.
void AhrsCore::note_clipped_acceleration(const Vec3& acceleration_mps2, Clipped clipped,
                                         float dt_s) {
  State& s = state_;
  const uint8_t range = beyond(acceleration_mps2, settings_.sensor.accelerometer_range_mps2);
  s.accelerometer_clipped = (clipped.axes | range) & 7U;
  if (s.accelerometer_clipped == 0) return;
  const Vec3 missed = beyond_share * part_of(acceleration_mps2, s.accelerometer_clipped);
  const float variance = dot(missed, missed) * smaller(dt_s, 1) * acceleration_beyond_s;
  for (size_t i = 0; i < 2; ++i) s.gyro.covariance.widen(GyroCalibration::velocity + i, variance);
}

// It points anywhere then.
bool AhrsCore::note_clipped_field(const Vec3& field_ut, Clipped clipped) {
  State& s = state_;
  const uint8_t range = beyond(field_ut, settings_.sensor.magnetometer_range_ut);
  s.magnetometer_clipped = (clipped.axes | range) & 7U;
  if (s.magnetometer_clipped == 0) return false;
  s.field_sums.distrusted = true;
  return true;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
