#pragma once

#include <cstdint>

#include "fusion/navigation/covariance.hpp"
#include "fusion/navigation/delay_line.hpp"
#include "fusion/navigation/unsampled.hpp"
#include "fusion/navigation/vector.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion::navigation {

/// What is known of the sensors beforehand: a single-frequency receiver (2.5 m CEP) and a consumer
/// inertial sensor.
struct PositionSettings {
  double fix_horizontal_sigma_m = 2.1;  ///< of each axis: CEP / 1.18
  double fix_vertical_sigma_m = 3.5;
  double velocity_sigma_mps = 0.1;
  bool velocity_has_up = true;  ///< else only east and north are looked at
  double fix_latency_s = 0.1;
  /// Fixes whose normalised innovation squared is beyond this are passed over: 0.1 % of good ones,
  /// by the chi-square distribution of three degrees of freedom ...
  double gate = 16.27;
  double gate_duration_s = 5.0;  ///< ... for no longer than this

  double acceleration_sigma_mps2 = 0.01;  ///< of its mean over a second
  double rate_sigma_radps = 0.0003;       ///< likewise
  double scale_sigma = 0.005;             ///< of both: errors in motion, for about a second
  double accelerometer_bias_sigma_mps2 = 0.2;
  double accelerometer_wander_mps2 = 0.0005;  ///< of that bias in a second
  double gyro_bias_sigma_radps = 0.01;
  double gyro_wander_radps = 0.00002;
  double tilt_sigma_rad = 0.035;  ///< of the orientation to start with
};

/// What the filter knows, in metres and seconds east, north and up of a fixed place.
struct PositionOutput {
  Vec3 position_m;
  Vec3 velocity_mps;
  Quat orientation;  ///< sensor to east-north-up
  Vec3 position_sigma_m;
  Vec3 velocity_sigma_mps;
  double heading_sigma_rad = 0.0;
  Vec3 accelerometer_bias_mps2;
  Vec3 gyro_bias_radps;
  bool has_fix = false;
  bool aligned = false;       ///< the orientation is known; until then positions are the fixes'
  bool fix_rejected = false;  ///< the newest one was too far off
  bool outage = false;        ///< none was used for more than two seconds
};

struct PositionCounts {
  std::uint64_t refused = 0;   ///< not a number, or beyond any sensor
  std::uint64_t late = 0;      ///< not after the one before, or older than a second
  std::uint64_t gaps = 0;      ///< of the inertial sensor
  std::uint64_t rejected = 0;  ///< fixes too far off
  std::uint64_t restarts = 0;  ///< position taken anew, as fixes stayed off
};

/// A fix or a velocity of the receiver, when it was true.
struct Report {
  sensors::TimeNs time_ns = 0;
  Vec3 value;
  bool known = false;
};

/// All that the filter remembers: copied and restored bit for bit.
struct PositionState {
  sensors::TimeNs time_ns = 0;  ///< of the inertial sensor
  sensors::TimeNs used_ns = 0;  ///< newest fix that was used
  Report fix;                   ///< newest
  Report fix_before;
  Report velocity;
  Vec3 fix_sigma_m;  ///< of the newest
  Vec3 position_m;
  Vec3 velocity_mps;
  Quat orientation;
  Vec3 accelerometer_bias_mps2;
  Vec3 gyro_bias_radps;
  Covariance covariance{};
  Vec3 acceleration_mps2;  ///< newest, as measured
  Vec3 rate_radps;
  DelayLine past;
  Interval acceleration_interval;
  Interval rate_interval;
  Pending pending;  ///< of the velocity
  PositionCounts counts;
  bool has_inertial = false;
  bool aligned = false;
  bool rejected = false;
};

/// Position, velocity and orientation of a satellite receiver and an inertial sensor: the
/// error-state Kalman filter of J. Solà, "Quaternion kinematics for the error-state Kalman filter"
/// (arXiv 1711.02508), chapters 5 and 6, with attitude errors in the sensor's frame, gravity known,
/// and reports that come late. The earth neither turns nor curves: good for some kilometres and for
/// consumer gyroscopes. Reads no clock, allocates nothing, and no input makes it yield NaN.
class Position {
 public:
  explicit Position(const PositionSettings& settings = {});

  /// Takes a sample of both sensors, m/s² (with gravity, as measured) and rad/s. False when it
  /// could not be used; the counts say why.
  bool inertial(sensors::TimeNs time_ns, const Vec3& acceleration_mps2, const Vec3& rate_radps);

  /// Takes a fix, or a velocity, east, north and up, at the time of its arrival: it shows what was
  /// `fix_latency_s` before. A velocity comes before the fix of the same time.
  bool fix(sensors::TimeNs time_ns, const Vec3& position_m);
  /// Likewise, with the receiver's own word of its deviations; what of them is no number or not
  /// above zero is as the settings say.
  bool fix(sensors::TimeNs time_ns, const Vec3& position_m, const Vec3& sigma_m);
  bool velocity(sensors::TimeNs time_ns, const Vec3& velocity_mps);

  /// Starts at the newest fix with this orientation. False while there is no fix of the last two
  /// seconds.
  bool align(const Quat& orientation, double heading_sigma_rad);

  /// Takes a compass's word: the heading of `orientation`, which is otherwise not looked at.
  void compass(const Quat& orientation, double heading_sigma_rad);

  /// Takes the tilt of `orientation`, likewise, unless it knows its own better. False when it was
  /// not used.
  bool level(const Quat& orientation, double tilt_sigma_rad);

  /// Forgets all but the counts.
  void reset();

  [[nodiscard]] PositionOutput output() const;
  [[nodiscard]] double heading_sigma_rad() const;
  [[nodiscard]] const PositionCounts& counts() const { return state_.counts; }
  [[nodiscard]] const PositionState& state() const { return state_; }
  void restore(const PositionState& state) { state_ = state; }

 private:
  void step(const Vec3& acceleration_mps2, const Vec3& rate_radps, double dt_s);
  void add_unsampled(const Vec3& acceleration_mps2, const Vec3& rate_radps, double dt_s);
  void coast(double dt_s);
  void spread(const Vec3& motion_mps2, const Vec3& rate_radps, double dt_s);
  [[nodiscard]] bool take_report(sensors::TimeNs time_ns, const Vec3& value, Report& newest);
  bool use_fix(const Vec3& position_m);
  bool use_velocity(const Vec3& velocity_mps);
  void start_at_fix();
  [[nodiscard]] Vec3 usual_fix_sigma_m() const;
  [[nodiscard]] Vec3 fix_variance() const;
  [[nodiscard]] sensors::TimeNs latency_ns() const;
  [[nodiscard]] ErrorState upward_turn() const;
  void inject(const ErrorState& error);

  PositionSettings settings_;
  PositionState state_;
};

}  // namespace haltere::fusion::navigation
