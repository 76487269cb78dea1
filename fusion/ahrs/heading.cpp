#include "fusion/ahrs/heading.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {
namespace {

// Weight of the newest sample in a first-order low-pass filter.
float weight(float dt_s, float time_constant_s) { return dt_s / (time_constant_s + dt_s); }

void approach(float* value, const float* target, float weight) {
  for (size_t i = 0; i < 2; ++i) value[i] += weight * (target[i] - value[i]);
}

constexpr float min_field_ut = 0.1F;  // less than this has no direction

}  // namespace

void FieldWatch::clear() {
  for (size_t i = 0; i < 2; ++i) norm_dip[i] = reference[i] = candidate[i] = 0;
  disturbed_s = 1;
  candidate_s = 0;
}

bool FieldWatch::near(const MotionSettings& settings, const float* other) const {
  return absolute(norm_dip[0] - other[0]) < settings.field_norm_tolerance * other[0] &&
         absolute(norm_dip[1] - other[1]) < settings.field_dip_tolerance_rad;
}

void FieldWatch::update(const MotionSettings& settings, const float* norm_and_dip, bool moving,
                        float dt_s) {
  approach(norm_dip, norm_and_dip,
           norm_dip[0] > 0 ? weight(dt_s, settings.field_time_constant_s) : 1);
  watch_reference(settings, dt_s);
  watch_candidate(settings, moving, dt_s);
}

// The field is the earth's once it stayed near the reference, which then follows it.
void FieldWatch::watch_reference(const MotionSettings& settings, float dt_s) {
  if (!near(settings, reference)) {
    disturbed_s = settings.field_undisturbed_s;
    return;
  }
  disturbed_s = larger(0, disturbed_s - dt_s);
  if (disturbed_s > 0) return;
  approach(reference, norm_dip, weight(dt_s, settings.field_reference_time_constant_s));
}

// Another field that stays the same while the sensor moves becomes the reference.
void FieldWatch::watch_candidate(const MotionSettings& settings, bool moving, float dt_s) {
  if (!near(settings, candidate)) {
    candidate_s = 0;
    for (size_t i = 0; i < 2; ++i) candidate[i] = norm_dip[i];
    return;
  }
  if (moving) candidate_s += dt_s;
  approach(candidate, norm_dip, weight(dt_s, settings.field_reference_time_constant_s));
  const bool first = reference[0] == 0 && candidate_s >= settings.field_first_reference_s;
  if (undisturbed() || !(first || candidate_s >= settings.field_new_reference_s)) return;
  for (size_t i = 0; i < 2; ++i) reference[i] = candidate[i];
  disturbed_s = 0;
}

void Heading::clear() {
  watch.clear();
  rejected_s = 0;
  start();
}

void Heading::start() {
  offset_rad = 0;
  first_weight = 1;
}

// How much the newest sample counts: nothing while the field is disturbed, unless that lasts.
float Heading::gain(const MotionSettings& settings, float dt_s) {
  float gain = weight(dt_s, settings.magnetometer_time_constant_s);
  if (watch.undisturbed()) {
    rejected_s = larger(0, rejected_s - 2 * dt_s);
  } else if (rejected_s <= settings.field_rejection_s) {
    rejected_s += dt_s;
    gain = 0;
  } else {
    gain *= 0.5F;
  }
  if (first_weight > 0) {
    gain = larger(gain, first_weight);
    first_weight = first_weight / (first_weight + 1);
    if (first_weight * settings.magnetometer_time_constant_s < dt_s) first_weight = 0;
  }
  return gain;
}

void Heading::update(const MotionSettings& settings, const Vec3& field_ut, bool moving,
                     float dt_s) {
  const float horizontal = length({field_ut.x, field_ut.y, 0});
  if (horizontal < min_field_ut) return;
  const float norm_and_dip[2] = {length(field_ut), arc_tangent(-field_ut.z, horizontal)};
  watch.update(settings, norm_and_dip, moving, dt_s);
  const float measured = arc_tangent(field_ut.x, field_ut.y);
  offset_rad = wrapped(offset_rad + gain(settings, dt_s) * wrapped(measured - offset_rad));
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
