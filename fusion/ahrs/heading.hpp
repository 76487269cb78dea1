#pragma once

#include <stddef.h>

#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// The paper's section 3.6: whether the field is the earth's, by its norm and dip against a
/// reference that follows slowly. Plain state.
struct FieldWatch {
  float norm_dip[2];   ///< uT, rad: low-pass filtered; norm 0 = none yet
  float reference[2];  ///< norm 0 = none yet
  float candidate[2];  ///< to be the next reference
  float
      disturbed_s;  ///< for which the field must still be near the reference; 0 = it is the earth's
  float candidate_s;  ///< for which the candidate held, in motion

  void clear();

  /// Takes the field's norm (uT) and dip (rad). `moving`: turning fast enough that a steady
  /// field is no accident.
  void update(const MotionSettings& settings, const float* norm_and_dip, bool moving, float dt_s);

  bool undisturbed() const { return !(disturbed_s > 0); }

  /// False for both while there is no reference yet: before the first motion.
  bool trusted() const { return undisturbed() && reference[0] > 0; }
  bool disturbed() const { return !undisturbed() && reference[0] > 0; }

 private:
  bool near(const MotionSettings& settings, const float* other) const;
  void watch_reference(const MotionSettings& settings, float dt_s);
  void watch_candidate(const MotionSettings& settings, bool moving, float dt_s);
};

/// The heading as a scalar: the angle by which the tilt-corrected frame, which the gyroscope
/// carries on, is turned against north (section 3.4). Plain state.
struct Heading {
  FieldWatch watch;
  float offset_rad;    ///< turns the tilt-corrected frame to east-north-up, about z
  float rejected_s;    ///< for which the field was passed over
  float first_weight;  ///< 1/n while the first samples are averaged, then 0

  void clear();

  /// Starts anew with the next sample; what the field should be is kept.
  void start();

  /// Likewise, from the heading of before while there is no sample.
  void restart() { first_weight = 1; }

  /// The next sample is worth this share of the heading; then 1/2 of that, 1/3 ... as at the start.
  void doubt(float weight) { first_weight = larger(first_weight, weight); }

  void update(const MotionSettings& settings, const Vec3& field_ut, bool moving, float dt_s);

  /// `offset_rad` as a rotation.
  Quat to_north() const { return from_turn_about_z(offset_rad); }

 private:
  float gain(const MotionSettings& settings, float dt_s);
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
