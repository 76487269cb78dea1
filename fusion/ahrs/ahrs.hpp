#pragma once

#include <stdint.h>

#include "fusion/ahrs/gyro_calibration.hpp"
#include "fusion/ahrs/heading.hpp"
#include "fusion/ahrs/history.hpp"
#include "fusion/ahrs/magnet_calibration.hpp"
#include "fusion/ahrs/plateau.hpp"
#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/tilt.hpp"
#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// Samples that were not used, and why.
struct Counts {
  uint32_t refused;  ///< not a number, beyond any sensor or clock, or a field of zero
  uint32_t late;     ///< not after the one before of that sensor, or older than the history
  uint32_t gaps;     ///< of a sensor; after a long one of the gyroscope the orientation starts anew
  uint32_t lost;     ///< orientations forgotten: a gap, a turn that was clipped or that nobody saw
};

/// Axes at the end of their range, in the newest sample of each sensor: bit 0 x, then y and z.
struct Saturated {
  uint8_t gyroscope;
  uint8_t accelerometer;
  uint8_t magnetometer;
};

/// What the filter knows.
struct Output {
  Quat orientation;               ///< sensor to east-north-up: v_enu = q v_sensor q*, w >= 0
  Vec3 gravity_mps2;              ///< what an accelerometer at rest would show: points up
  Vec3 linear_acceleration_mps2;  ///< the newest sample without gravity, sensor frame
  float heading_rad;              ///< of the sensor's x axis, clockwise from north, 0..2 pi
  Vec3 gyro_bias_radps;
  Vec3 gyro_bias_sigma_radps;
  Vec3 hard_iron_ut;             ///< taken off the magnetometer's samples
  float magnetometer_latency_s;  ///< as estimated
  bool at_rest;
  bool has_heading;      ///< north is known: there was a magnetometer
  bool field_disturbed;  ///< the magnetometer shows another field than before
  Saturated saturated;
};

/// Sums of samples until the tilt's next step.
struct Sums {
  Vec3 turn_rad;  ///< of the gyroscope, as measured
  float turn_s;
  Vec3 inertial_mps2;      ///< of the accelerometer, in the almost-inertial frame
  uint32_t since_step_ns;  ///< of the accelerometer's time
  uint16_t accelerations;
};

/// Sums of magnetometer samples for the calibrations, each with its own span.
struct FieldSums {
  Vec3 field_ut;        ///< in the tilt-corrected frame
  int16_t to_earth[9];  ///< the matrices, in steps of 1/1024
  uint16_t fields;
  Vec3 turn_rad;  ///< in the tilt-corrected frame
  uint32_t since_block_ns;
  float trusted_x_ut;  ///< without hard iron, since the gyroscope's calibration
  float trusted_y_ut;
  uint16_t trusted;
  bool distrusted;
};

/// All that the filter remembers, in less than 1 KiB. Plain: copied and restored bit for bit.
struct State {
  int64_t gyro_ns;
  int64_t accelerometer_ns;
  int64_t magnetometer_ns;
  Quat strapdown;          ///< sensor to almost-inertial frame, by the gyroscope alone (eq. 4-6)
  Vec3 rate_radps;         ///< newest, corrected
  Vec3 acceleration_mps2;  ///< newest
  History history;
  Tilt tilt;
  Rest rest;
  Heading heading;
  GyroCalibration gyro;
  MagnetCalibration magnet;
  Sums sums;
  FieldSums field_sums;
  Counts counts;
  uint16_t unseen;  ///< turn of a clipped gyroscope, lately, in steps of 1/1024 rad
  uint16_t gyro_clipped : 3;
  uint16_t accelerometer_clipped : 3;
  uint16_t magnetometer_clipped : 3;
  bool has_gyro : 1;
  bool has_accelerometer : 1;
  bool has_magnetometer : 1;
  bool levelled : 1;  ///< the tilt is known
};
static_assert(sizeof(State) < 1024, "must fit where RAM is short");

/// Orientation from gyroscope, accelerometer and, where there is one, magnetometer, each at its own
/// rate with its own time stamps, after VQF's equations and with what lies beyond them: latencies,
/// the gyroscope's scale and cross-axis errors, and magnets that turn with the sensor. Causal;
/// reads no clock, allocates nothing. No input makes it yield NaN.
class AhrsCore {
 public:
  /// `settings` stay where they are, on a microcontroller in flash, and must outlive it.
  explicit AhrsCore(const Settings& settings);

  /// Each takes a sample. False when it could not be used; `counts` says why. Samples of one sensor
  /// must come in order; those of another may be up to 50 ms older than the gyroscope's newest, or
  /// 20 ms newer.
  /// `clipped` says which axes are at the end of their range, beside those that the settings'
  /// ranges tell.
  bool gyroscope(int64_t time_ns, const Vec3& rate_radps, Clipped clipped = {});
  bool accelerometer(int64_t time_ns, const Vec3& acceleration_mps2, Clipped clipped = {});
  bool magnetometer(int64_t time_ns, const Vec3& field_ut, Clipped clipped = {});

  /// Forgets all.
  void reset();

  /// Orientation at the gyroscope's newest stamp.
  Quat orientation() const;
  Output output() const;

  const Counts& counts() const { return state_.counts; }
  const Settings& settings() const { return settings_; }
  const State& state() const { return state_; }
  void restore(const State& state) { state_ = state; }

 private:
  void lose_orientation();
  void start_again();
  void miss_turn(const Vec3& rate_radps, float dt_s);
  void end_missed_turn();
  void note_clipped_rate(const Vec3& rate_radps, Clipped clipped, float dt_s);
  void note_clipped_acceleration(const Vec3& acceleration_mps2, Clipped clipped, float dt_s);
  bool note_clipped_field(const Vec3& field_ut, Clipped clipped);
  void advance(const Vec3& rate_radps, float dt_s);
  void step_tilt(float dt_s);
  void calibrate_gyro();
  void add_field(const Mat3& to_earth, const Vec3& field_ut, uint32_t passed_ns);
  void calibrate_magnet(const Quat& attitude);
  bool find(int64_t time_ns, float latency_s, Quat* q) const;

  const Settings& settings_;
  State state_;
};

struct OwnSettings {
  Settings own;
};

/// And where the ranges of the sensors were found to end.
struct WholeState : State {
  Plateaus plateaus;
};

/// The same with its own copy of the settings, and ranges that need not be known: what takes 132
/// bytes more.
class Ahrs : private OwnSettings, public AhrsCore {
 public:
  // `reset` sets all of the state, which the analyzer does not see.
  // NOLINTNEXTLINE(clang-analyzer-optin.cplusplus.UninitializedObject)
  explicit Ahrs(const Settings& settings = {}) : OwnSettings{settings}, AhrsCore(own) {
    plateaus_.clear();
  }
  Ahrs(const Ahrs&) = delete;
  Ahrs& operator=(const Ahrs&) = delete;

  bool gyroscope(int64_t time_ns, const Vec3& rate_radps) {
    return AhrsCore::gyroscope(time_ns, rate_radps,
                               plateaus_.gyroscope.update(rate_radps, Plateaus::least_radps));
  }
  bool accelerometer(int64_t time_ns, const Vec3& acceleration_mps2) {
    return AhrsCore::accelerometer(
        time_ns, acceleration_mps2,
        plateaus_.accelerometer.update(acceleration_mps2, Plateaus::least_mps2));
  }
  bool magnetometer(int64_t time_ns, const Vec3& field_ut) {
    return AhrsCore::magnetometer(time_ns, field_ut,
                                  plateaus_.magnetometer.update(field_ut, Plateaus::least_ut));
  }
  void reset() {
    AhrsCore::reset();
    plateaus_.clear();
  }
  WholeState whole_state() const {
    WholeState whole;
    static_cast<State&>(whole) = state();
    whole.plateaus = plateaus_;
    return whole;
  }
  void restore(const State& state) { AhrsCore::restore(state); }
  void restore(const WholeState& state) {
    AhrsCore::restore(state);
    plateaus_ = state.plateaus;
  }

 private:
  Plateaus plateaus_;
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
