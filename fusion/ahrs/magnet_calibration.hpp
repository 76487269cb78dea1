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
  Vec3 rate_radps;  ///< of the sensor, in the tilt-corrected frame
  float duration_s;
};

/// Magnets that turn with the sensor (hard iron) and the magnetometer's latency, estimated while
/// it turns by a Kalman filter over [field m 3, hard iron h 3, latency error t 1]:
///
///   R field = m + R h + t (rate x m)
///
/// which is linear, R being known. Without rotation m and h cannot be told apart, and h's variance
/// stays as it is; a magnet put on or taken off shows as a jump, after which both are open again.
/// `hard_iron_ut()` is therefore what is certain of h: zero until h is three times its uncertainty.
/// Plain state.
struct MagnetCalibration {
  static constexpr size_t field = 0;
  static constexpr size_t hard_iron = 3;
  static constexpr size_t latency = 6;
  static constexpr size_t states = 7;

  Covariance<states> covariance;
  float state[states];  ///< uT (0 = none yet), uT, s: the latency in use less the setting
  float residual_ut2;   ///< variance of what is left, recently

  void clear(const SensorSettings& sensor);

  /// Knows nothing of the field any more; the magnets stay.
  void forget_field();

  /// To be taken off the samples, sensor frame.
  Vec3 hard_iron_ut() const {
    const Vec3 h{state[hard_iron], state[hard_iron + 1], state[hard_iron + 2]};
    return certainty(h) * h;
  }

  void step(const Settings& settings, const FieldMean& mean);

 private:
  void predict(const SensorSettings& sensor, float dt_s);
  Vec3 left_over(const FieldMean& mean) const;
  void open_after_jump(const SensorSettings& sensor, const FieldMean& mean);
  float certainty(const Vec3& h) const;
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
