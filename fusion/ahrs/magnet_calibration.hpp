#pragma once

#include "fusion/ahrs/covariance.hpp"
#include "fusion/ahrs/settings.hpp"
#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// The mean of a stretch of magnetometer samples.
struct FieldMean {
  Vec3 field_ut;    ///< turned into the tilt-corrected frame
  Mat3 to_earth;    ///< of the matrices that turned them
  Quat attitude;    ///< what the newest of these was made of
  Vec3 rate_radps;  ///< of the sensor, in the tilt-corrected frame
  float duration_s;
};

/// Magnets that turn with the sensor (hard iron) and the magnetometer's latency, estimated while
/// it turns by a Kalman filter over [sample s 3, hard iron h 3, latency error t 1]:
///
///   R field = s + (R - R0) h + t (rate x m),   s = m + R0 h
///
/// which is linear, R being known; m is the field of the surroundings. s is what a sample shows in
/// the attitude R0, which goes with the sensor: where that stands still, s becomes certain and says
/// nothing of h, however long that lasts and whichever way the sensor is mounted. With m in its
/// place both would be uncertain and their sum certain, which no number of digits holds for long. A
/// magnet put on or taken off shows as a jump, after which both are open again.
/// `hard_iron_ut()` is therefore what is certain of h: nothing in directions of which no turn has
/// told yet, and zero until what is left is three times its uncertainty. Plain state.
struct MagnetCalibration {
  static constexpr size_t sample = 0;
  static constexpr size_t hard_iron = 3;
  static constexpr size_t latency = 6;
  static constexpr size_t states = 7;

  Covariance<states> covariance;
  float state[states];  ///< uT (0 = none yet), uT, s: the latency in use less the setting
  float residual_ut2;   ///< variance of what is left, recently
  int8_t reference[4];  ///< R0 as w x y z, in steps of 1/127: near the newest attitude

  void clear(const SensorSettings& sensor);

  /// Knows nothing of the field any more; the magnets stay.
  void forget_field();

  /// To be taken off the samples, sensor frame.
  Vec3 hard_iron_ut() const;

  void step(const Settings& settings, const FieldMean& mean);

 private:
  void predict(const Settings& settings, const FieldMean& mean);
  void turn_reference(const Quat& attitude);
  Vec3 left_over(const FieldMean& mean, const Mat3& turned) const;
  void open_after_jump(const SensorSettings& sensor, const FieldMean& mean, const Mat3& turned);
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
