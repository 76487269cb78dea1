#pragma once

#include <cstdint>

#include "fusion/filter.hpp"
#include "fusion/low_pass.hpp"
#include "fusion/rotation.hpp"

namespace haltere::fusion {

/// Fusion platform `orientation`.
extern const FilterType orientation_type;

inline constexpr double standard_gravity_mps2 = 9.80665;
inline constexpr double radian_per_degree = 0.017453292519943295;

/// How an orientation is estimated. Defaults are those of Laidig and Seel, "VQF: Highly accurate
/// IMU orientation estimation with bias estimation and magnetic disturbance rejection" (Information
/// Fusion 91, 2023), found there for hand and body motion at 40 Hz and more.
struct OrientationSettings {
  double accelerometer_time_constant_s = 3.0;  ///< below: gyroscope, above: direction of gravity
  double rest_time_constant_s = 0.5;           ///< of the low-pass filters that detect rest
  double rest_duration_s = 1.5;                ///< quiet for this long = at rest
  double rest_angular_rate_radps = 2.0 * radian_per_degree;  ///< largest deviation at rest
  double rest_acceleration_mps2 = 0.5;                       ///< largest deviation at rest
  double bias_sigma_initial_radps = 0.5 * radian_per_degree;
  double bias_sigma_rest_radps = 0.03 * radian_per_degree;
  double bias_sigma_motion_radps = 0.1 * radian_per_degree;
  double bias_forgetting_time_s = 100.0;  ///< in which the uncertainty grows by 0.1 deg/s
  double bias_interval_s = 0.02;          ///< between steps of the bias filter, at least
  double bias_limit_radps = 2.0 * radian_per_degree;
  double bias_vertical_weight = 1e-4;  ///< of "no turn about the vertical on average", in motion
};

/// All that the filter remembers: plain numbers, to be saved and restored bit for bit.
struct OrientationState {
  Quaternion strapdown;    ///< sensor to almost-inertial frame, by the gyroscope alone
  Quaternion inclination;  ///< almost-inertial frame to east-north-up
  LowPass<3> acceleration_inertial;
  LowPass<11> turned;  ///< matrix sensor to earth [9], its product with the bias [x, y]
  LowPass<3> rest_angular_rate;
  LowPass<3> rest_acceleration;
  double rest_s = 0.0;
  double since_bias_s = 0.0;  ///< since the latest step of the bias filter
  double corrected_x = 0.0;   ///< sum of the inclination's corrections since then, rad
  double corrected_y = 0.0;
  Vector3 gyro_bias_radps{};
  Matrix3 gyro_bias_covariance{};
  std::uint64_t samples = 0;  ///< taken so far
};

/// Orientation from accelerometer and gyroscope (6 axes), causal, after VQF's equations: strapdown
/// integration; the accelerometer low-pass filtered in the almost-inertial frame, where gravity
/// stands still, gives the inclination; a Kalman filter estimates the gyroscope's bias at rest and,
/// more slowly, in motion. The heading starts at zero and drifts. Never yields NaN, whatever comes
/// in.
class Orientation {
 public:
  explicit Orientation(const OrientationSettings& settings = {});

  /// Takes one sample, `dt_s` after the one before. Returns false and changes nothing if a value is
  /// not finite or beyond any sensor (200 rad/s, 4000 m/s²), or `dt_s` is not between 1 µs and 1 s.
  bool update(const Vector3& angular_rate_radps, const Vector3& acceleration_mps2, double dt_s);

  /// Forgets all, as at the start of a segment.
  void reset();

  /// Sensor to earth (ENU up to an unknown heading): v_earth = q v_sensor q*, w >= 0.
  [[nodiscard]] Quaternion quaternion() const;

  /// What an accelerometer at rest in this orientation would show, in the sensor frame: points up,
  /// magnitude standard gravity.
  [[nodiscard]] Vector3 gravity_mps2() const;

  [[nodiscard]] const Vector3& gyro_bias_radps() const { return state_.gyro_bias_radps; }
  [[nodiscard]] bool at_rest() const { return state_.rest_s >= settings_.rest_duration_s; }

  [[nodiscard]] const OrientationState& state() const { return state_; }
  void restore(const OrientationState& state) { state_ = state; }

 private:
  // What follows from the settings and an interval alone; kept while the interval stays the same.
  struct SampleStep {
    double dt_s = 0.0;
    LowPassStep accelerometer;
    LowPassStep rest;
  };
  struct BiasStep {
    double dt_s = 0.0;
    LowPassStep turned;
    double variance_growth = 0.0;  // of the bias, in one step
    double rest_variance = 0.0;    // of measurements of the bias
    double motion_variance = 0.0;
    double vertical_variance = 0.0;
  };
  struct BiasMeasurement;

  [[nodiscard]] BiasStep make_bias_step(double dt_s) const;
  void detect_rest(const Vector3& angular_rate_radps, const Vector3& acceleration_mps2);
  void correct_inclination(const Vector3& acceleration_mps2);
  void update_bias();
  void average_turns();
  [[nodiscard]] BiasMeasurement measure_bias() const;
  void estimate_bias(const BiasMeasurement& measurement);

  OrientationSettings settings_;
  SampleStep sample_step_;
  BiasStep bias_step_;
  OrientationState state_;
};

}  // namespace haltere::fusion
