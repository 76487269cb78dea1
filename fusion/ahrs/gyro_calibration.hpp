#pragma once

#include <stdint.h>

#include "fusion/ahrs/covariance.hpp"
#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// What a stretch of motion tells the gyroscope's calibration.
struct CalibrationEvidence {
  bool at_rest;
  Vec3 rest_rate_radps;  ///< the gyroscope's mean, where at rest
  bool has_heading;
  float heading_rad;  ///< of magnetic north in the tilt-corrected frame, counterclockwise from +y
  float horizontal_field_ut;
};

/// Bias, sensitivity and cross-axis errors of a gyroscope, estimated in motion and at rest:
///
///   true rate = (1 - M) rate - b
///
/// A Kalman filter over [orientation error 3, velocity error 2, b 3, M 9], about five steps a
/// second. It goes beyond the paper's section 3.5 in two ways: M, which the paper leaves out, is
/// what the heading drifts by when the sensor turns; and the accelerometer does not tell of the
/// tilt directly, but by the velocity it integrates to. A hand's or machine's acceleration is
/// large, but its velocity comes back to its mean, so the error of the tilt shows much sooner.
/// Plain state.
struct GyroCalibration {
  static constexpr size_t orientation = 0;  ///< rad, in the tilt-corrected frame, estimate - truth
  static constexpr size_t velocity = 3;     ///< m/s, x and y
  static constexpr size_t bias = 5;         ///< rad/s, truth - estimate
  static constexpr size_t scale = 8;        ///< truth - estimate, row-major
  static constexpr size_t states = 17;
  static constexpr size_t parameters = states - bias;

  Covariance<states> covariance;
  Vec3 bias_radps;
  Mat3 scale_error;
  float error_rad[3];       ///< estimated, of the orientation
  float velocity_mps[2];    ///< integrated, less what the tilt's error explains
  float velocity_variance;  ///< of what is left, recently
  /// Since the latest step: what b and M turned the orientation by, row by row: the integrals of R
  /// and of R_ij rate_k, in steps of 1/32768 s and 1/1024 rad. What the rounding amounts to, times
  /// the errors of b and M, is a hundredth of the gyroscope's noise.
  int16_t turned[3][parameters];
  Vec3 velocity_gain_mps;  ///< likewise: integral of the acceleration
  float elapsed_s;

  void clear(const SensorSettings& sensor);

  /// Knows nothing of the orientation any more; the calibration stays.
  void forget_orientation();

  Vec3 corrected(const Vec3& rate_radps) const {
    return rate_radps - bias_radps - scale_error * rate_radps;
  }

  /// Adds a short interval, in which the gyroscope showed `turn_rad` in all, with the mean matrix
  /// `to_earth` (sensor to tilt-corrected frame) and mean acceleration in that frame.
  void add(const Mat3& to_earth, const Vec3& turn_rad, const Vec3& acceleration_mps2, float dt_s);

  /// Notes that the tilt was corrected by this rotation.
  void tilt_corrected(const Vec3& correction_rad) {
    error_rad[0] += correction_rad.x;
    error_rad[1] += correction_rad.y;
  }

  /// One step of the Kalman filter over what was added since the one before. False when the
  /// evidence can only mean that the orientation was lost, which is forgotten then.
  bool step(const Settings& settings, const CalibrationEvidence& evidence);

 private:
  void forget_velocity();
  void predict(const Settings& settings);
  void turn_covariance();
  bool fits(size_t state, float innovation, float variance) const;
  bool measure_velocity(const Settings& settings);
  bool measure_heading(const Settings& settings, const CalibrationEvidence& evidence);
  void measure(size_t state, float innovation, float variance, float bias_limit_radps);
  void start_interval();
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
