#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fusion/navigation/pressure_height.hpp"
#include "fusion/navigation/vector.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion::navigation {

/// What is known of the sensors beforehand. The defaults are a BME280's or BMP280's with 16-fold
/// oversampling and without its own filter (data sheet BST-BME280-DS002, table 3: 1.3 Pa), and of a
/// consumer accelerometer under an orientation that is right to about half a degree.
struct AltitudeSettings {
  double sea_level_pa = standard_pressure_pa;
  bool from_start = false;  ///< height 0 is where the first pressure was measured
  double pressure_sigma_pa = 1.3;
  double pressure_latency_s = 0.02;  ///< half a conversion at 16-fold oversampling
  /// Of the acceleration's mean over a second: noise, and gravity that a wrong tilt lets through.
  double acceleration_sigma_mps2 = 0.05;
  double bias_sigma_mps2 = 0.3;     ///< of the accelerometer, at first
  double bias_wander_mps2 = 0.002;  ///< in a second, growing with its square root
  double gate_sigmas = 5.0;         ///< pressures further off are passed over ...
  double gate_duration_s = 1.5;     ///< ... for no longer than this
};

/// What the filter knows, in metres and seconds, upwards.
struct AltitudeOutput {
  double height_m = 0.0;
  double speed_mps = 0.0;
  double acceleration_mps2 = 0.0;  ///< newest, without the bias
  double height_sigma_m = 0.0;
  double speed_sigma_mps = 0.0;
  double bias_mps2 = 0.0;
  double bias_sigma_mps2 = 0.0;
  bool has_height = false;         ///< there was a pressure
  bool pressure_rejected = false;  ///< the newest one was too far off
  bool pressure_missing = false;   ///< none was used for more than two seconds
};

struct AltitudeCounts {
  std::uint64_t refused = 0;   ///< not a number, or beyond any sensor
  std::uint64_t late = 0;      ///< not after the one before, or older than half a second
  std::uint64_t gaps = 0;      ///< in the acceleration
  std::uint64_t rejected = 0;  ///< pressures too far off
  std::uint64_t restarts = 0;  ///< heights taken anew, as pressures stayed off
};

/// All that the filter remembers: copied and restored bit for bit.
struct AltitudeState {
  sensors::TimeNs time_ns = 0;      ///< of the newest acceleration
  sensors::TimeNs pressure_ns = 0;  ///< newest
  sensors::TimeNs used_ns = 0;      ///< newest that was used
  std::array<double, 3> mean{};     ///< height, speed, bias
  std::array<double, 9> covariance{};
  double acceleration_mps2 = 0.0;  ///< newest, as measured
  double reference_pa = standard_pressure_pa;
  AltitudeCounts counts;
  bool has_acceleration = false;
  bool has_pressure = false;
  bool rejected = false;
};

/// What of the acceleration `linear`, which is without gravity, points up, against `gravity` as an
/// accelerometer at rest shows it. Not a number where there is no gravity.
inline double upward(const Vec3& gravity, const Vec3& linear) {
  return dot(gravity, linear) / length(gravity);
}

/// Height and vertical speed of barometer and accelerometer: a Kalman filter of height, speed and
/// the accelerometer's bias, driven by the acceleration, corrected by the pressure (R. Brown, P.
/// Hwang, "Introduction to random signals and applied Kalman filtering", 4th ed., sections 4.2 and
/// 5.3). A barometer's own drift, weather's too, is height to it. Reads no clock, allocates
/// nothing, and no input makes it yield NaN.
class Altitude {
 public:
  explicit Altitude(const AltitudeSettings& settings = {});

  /// Takes the acceleration upwards without gravity, as the orientation filter gives it. False when
  /// it could not be used; the counts say why.
  bool acceleration(sensors::TimeNs time_ns, double up_mps2);

  /// Takes a pressure, stamped like the accelerations, and no more than half a second apart of
  /// them.
  bool pressure(sensors::TimeNs time_ns, double pressure_pa);

  /// Forgets all but the counts.
  void reset();

  [[nodiscard]] AltitudeOutput output() const;
  [[nodiscard]] const AltitudeCounts& counts() const { return state_.counts; }
  [[nodiscard]] const AltitudeState& state() const { return state_; }
  void restore(const AltitudeState& state) { state_ = state; }

 private:
  void predict(double up_mps2, double dt_s);
  void bridge(double dt_s);
  void spread(double dt_s, double density);
  void start(double height_m, double variance_m2);
  bool correct(double height_m, double variance_m2, double delay_s);

  AltitudeSettings settings_;
  AltitudeState state_;
};

}  // namespace haltere::fusion::navigation
