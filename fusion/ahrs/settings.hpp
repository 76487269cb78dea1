#pragma once

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

// Beyond any sensor: samples with more are refused.
constexpr float max_rate_radps = 200.0F;
constexpr float max_acceleration_mps2 = 4000.0F;
constexpr float max_field_ut = 10000.0F;

// Equation numbers are those of D. Laidig and T. Seel, "VQF: Highly accurate IMU orientation
// estimation with bias estimation and magnetic disturbance rejection", Information Fusion 91
// (2023), arXiv 2203.17024; its values are kept where it gives one.

/// How sensors report: properties of the hardware, from its data sheet.
struct SensorSettings {
  /// Stamp of a sample - time of the motion it shows: the delay of a MEMS gyroscope's and
  /// accelerometer's digital filter at 100..200 Hz bandwidth; of a 100 Hz magnetometer half its
  /// conversion and half the time until it is read, on average.
  float gyroscope_latency_s = 0.0024F;
  float accelerometer_latency_s = 0.0024F;
  float magnetometer_latency_s = 0.012F;
  float magnetometer_latency_sigma_s = 0.005F;  ///< of that, estimated on line; 0 = it is known

  /// Where the ranges end (on either side; 0 = not known, see Plateau): what shows as much is
  /// clipped.
  float gyroscope_range_radps = 0.0F;
  float accelerometer_range_mps2 = 0.0F;
  float magnetometer_range_ut = 0.0F;

  float bias_sigma_radps = 0.5F * radian_per_degree;  ///< of the gyroscope, when switched on
  float bias_limit_radps = 2.0F * radian_per_degree;
  /// The bias wanders by 0.1 deg/s in this time.
  float bias_forgetting_time_s = 100.0F;
  float scale_sigma = 0.005F;          ///< of the gyroscope's sensitivity and cross-axis terms
  float hard_iron_sigma_ut = 20.0F;    ///< of magnets near the sensor, at first
  float magnetometer_sigma_ut = 1.0F;  ///< noise, and how uneven the field of a room is
};

/// What is assumed of the motion and the surroundings.
struct MotionSettings {
  /// Slower than this the accelerometer counts, faster the gyroscope (its low-pass filter in the
  /// almost-inertial frame). Longer than the paper's 3 s, as the gyroscope is better calibrated.
  float accelerometer_time_constant_s = 4.0F;
  float magnetometer_time_constant_s = 12.0F;  ///< likewise of the heading; the paper's is 9 s
  float velocity_sigma_mps = 0.16F;            ///< of the sensor about its mean, at least
  float field_sigma_ut = 1.8F;                 ///< errors of the field, in motion
  /// Velocities and errors of the field are those of a moment ago for about half this time.
  float correlation_s = 1.0F;

  float rest_time_constant_s = 0.5F;
  float rest_duration_s = 1.5F;
  float rest_angular_rate_radps = 2.0F * radian_per_degree;
  float rest_acceleration_mps2 = 0.5F;
  float rest_bias_sigma_radps = 0.06F * radian_per_degree;

  float field_norm_tolerance = 0.1F;
  float field_dip_tolerance_rad = 10.0F * radian_per_degree;
  float field_time_constant_s = 0.05F;            ///< of the filter before the tolerances
  float field_reference_time_constant_s = 20.0F;  ///< in which the reference follows
  float field_undisturbed_s = 0.5F;               ///< for this long = trusted again
  float field_new_reference_s = 20.0F;            ///< another field, this steady in motion
  float field_first_reference_s = 5.0F;
  float field_moving_radps = 20.0F * radian_per_degree;
  float field_rejection_s = 60.0F;  ///< longest; then half the weight
};

struct Settings {
  SensorSettings sensor;
  MotionSettings motion;
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
