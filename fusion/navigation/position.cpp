// The inertial half: moves the state and its covariance from sample to sample.

#include "fusion/navigation/position.hpp"

#include <algorithm>
#include <cmath>

namespace haltere::fusion::navigation {
namespace {

using sensors::TimeNs;

constexpr Vec3 gravity_mps2{0.0, 0.0, -9.80665};
constexpr double max_acceleration_mps2 = 4000.0;
constexpr double max_rate_radps = 200.0;
constexpr double max_position_m = 1e9;
constexpr double gap_s = 0.25;
constexpr double lost_s = 1.0;            // without a gyroscope for longer: no orientation
constexpr double error_duration_s = 1.0;  // for which an error of scale stays the same
constexpr double unknown_density = 4.0;   // (m/s²)²/Hz and (rad/s)²/Hz, of what moves in a gap
constexpr double outage_s = 2.0;
constexpr TimeNs furthest_ns = TimeNs{1} << 61;

double seconds(TimeNs ns) { return 1e-9 * static_cast<double>(ns); }
double square(double v) { return v * v; }

double sigma(const Covariance& p, std::size_t i) {
  return std::sqrt(std::max(p[(part::count + 1) * i], 0.0));
}
Vec3 sigmas(const Covariance& p, std::size_t first) {
  return {sigma(p, first), sigma(p, first + 1), sigma(p, first + 2)};
}

}  // namespace

Position::Position(const PositionSettings& settings) : settings_(settings) { reset(); }

void Position::reset() {
  const PositionCounts counts = state_.counts;
  state_ = {};
  state_.counts = counts;
  state_.fix_sigma_m = usual_fix_sigma_m();
}

bool Position::inertial(TimeNs time_ns, const Vec3& acceleration_mps2, const Vec3& rate_radps) {
  PositionState& s = state_;
  const bool sensible = time_ns > -furthest_ns && time_ns < furthest_ns;
  if (!sensible || !within(acceleration_mps2, max_acceleration_mps2) ||
      !within(rate_radps, max_rate_radps)) {
    ++s.counts.refused;
    return false;
  }
  if (s.has_inertial && time_ns <= s.time_ns) {
    ++s.counts.late;
    return false;
  }
  const double dt_s = s.has_inertial ? seconds(time_ns - s.time_ns) : 0.0;
  if (dt_s > gap_s) ++s.counts.gaps;
  if (dt_s > lost_s || !within(s.position_m, max_position_m)) {
    reset();
  } else if (s.aligned && dt_s > gap_s) {
    coast(dt_s);
  } else if (s.aligned) {
    s.past.add({s.time_ns, s.position_m, s.velocity_mps});
    // The mean of the samples at both ends of the step.
    step(0.5 * (s.acceleration_mps2 + acceleration_mps2), 0.5 * (s.rate_radps + rate_radps), dt_s);
    add_unsampled(acceleration_mps2, rate_radps, dt_s);
    s.pending.release(time_ns, latency_ns(), s.covariance);
  }
  s.acceleration_mps2 = acceleration_mps2;
  s.rate_radps = rate_radps;
  s.time_ns = time_ns;
  s.has_inertial = true;
  return true;
}

// Solà, sections 5.4.1 and 5.4.2, with the orientation of the step's middle.
void Position::step(const Vec3& acceleration_mps2, const Vec3& rate_radps, double dt_s) {
  PositionState& s = state_;
  const Vec3 turn = dt_s * (rate_radps - s.gyro_bias_radps);
  const Vec3 force = acceleration_mps2 - s.accelerometer_bias_mps2;
  const Mat3 to_earth = to_matrix(normalized(s.orientation * from_turn(0.5 * turn)));
  const Vec3 motion = to_earth * force + gravity_mps2;
  s.position_m = s.position_m + dt_s * (s.velocity_mps + 0.5 * dt_s * motion);
  s.velocity_mps = s.velocity_mps + dt_s * motion;
  s.orientation = normalized(s.orientation * from_turn(turn));
  ErrorStep errors;
  errors.dt_s = dt_s;
  errors.velocity_by_attitude = to_earth * skew(-dt_s * force);
  for (std::size_t i = 0; i < 9; ++i) {
    errors.velocity_by_accelerometer.cells[i] = -dt_s * to_earth.cells[i];
  }
  errors.attitude_by_attitude = to_matrix(from_turn(-1.0 * turn));
  move(errors, s.covariance);
  spread(motion, rate_radps, dt_s);
}

void Position::spread(const Vec3& motion_mps2, const Vec3& rate_radps, double dt_s) {
  Covariance& p = state_.covariance;
  const double scale = square(settings_.scale_sigma) * error_duration_s;
  const double acceleration =
      square(settings_.acceleration_sigma_mps2) + scale * dot(motion_mps2, motion_mps2);
  const double rate = square(settings_.rate_sigma_radps) + scale * dot(rate_radps, rate_radps);
  widen(p, part::velocity, acceleration * dt_s);
  widen(p, part::attitude, rate * dt_s);
  widen(p, part::accelerometer, square(settings_.accelerometer_wander_mps2) * dt_s);
  widen(p, part::gyroscope, square(settings_.gyro_wander_radps) * dt_s);
}

// Of the step to these samples.
void Position::add_unsampled(const Vec3& acceleration_mps2, const Vec3& rate_radps, double dt_s) {
  PositionState& s = state_;
  const double velocity =
      s.acceleration_interval.widened(acceleration_mps2 - s.acceleration_mps2, dt_s);
  const double attitude = s.rate_interval.widened(rate_radps - s.rate_radps, dt_s);
  const Vec3 change = to_matrix(s.orientation) * s.acceleration_interval.change;
  s.pending.add(s.time_ns, latency_ns(), change, velocity);
  const Vec3& turn = s.rate_interval.change;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      s.covariance[part::count * (part::attitude + i) + part::attitude + j] +=
          attitude * turn[i] * turn[j];
    }
  }
}

sensors::TimeNs Position::latency_ns() const {
  return static_cast<TimeNs>(1e9 * settings_.fix_latency_s);
}

// What happened in a gap is not known, only that it stopped somewhere.
void Position::coast(double dt_s) {
  PositionState& s = state_;
  s.position_m = s.position_m + dt_s * s.velocity_mps;
  ErrorStep errors;
  errors.dt_s = dt_s;
  errors.attitude_by_attitude = to_matrix({});
  move(errors, s.covariance);
  widen(s.covariance, part::position, unknown_density * dt_s * dt_s * dt_s / 3.0);
  widen(s.covariance, part::velocity, unknown_density * dt_s);
  widen(s.covariance, part::attitude, unknown_density * dt_s);
  s.past.clear();
}

bool Position::align(const Quat& orientation, double heading_sigma_rad) {
  PositionState& s = state_;
  if (!s.fix.known || !s.has_inertial || seconds(s.time_ns - s.fix.time_ns) > outage_s) {
    return false;
  }
  s.orientation = normalized(orientation);
  s.accelerometer_bias_mps2 = {};
  s.gyro_bias_radps = {};
  s.covariance = {};
  cut_off(s.covariance, part::accelerometer, square(settings_.accelerometer_bias_sigma_mps2));
  cut_off(s.covariance, part::gyroscope, square(settings_.gyro_bias_sigma_radps));
  // Tilt is as uncertain about both horizontal axes; in the sensor's frame: R^T diag(t, t, h) R.
  const Vec3 up = upward_axis(s.orientation);
  const double tilt = square(settings_.tilt_sigma_rad);
  const double more = square(heading_sigma_rad) - tilt;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      s.covariance[part::count * (part::attitude + i) + part::attitude + j] =
          (i == j ? tilt : 0.0) + more * up[i] * up[j];
    }
  }
  s.past.clear();
  s.aligned = true;
  start_at_fix();
  return true;
}

double Position::heading_sigma_rad() const {
  const ErrorState row = upward_turn();
  return std::sqrt(std::max(between(row, state_.covariance, row), 0.0));
}

PositionOutput Position::output() const {
  const PositionState& s = state_;
  PositionOutput out;
  out.position_m = s.aligned ? s.position_m : s.fix.value;
  out.velocity_mps = s.aligned ? s.velocity_mps : s.velocity.value;
  out.orientation = s.orientation;
  out.position_sigma_m = s.fix_sigma_m;
  if (s.aligned) {
    out.position_sigma_m = sigmas(s.covariance, part::position);
    out.velocity_sigma_mps = sigmas(s.covariance, part::velocity);
    const Vec3 pending = s.pending.variance();
    for (std::size_t i = 0; i < 3; ++i) {
      double& sigma = out.velocity_sigma_mps[i];
      sigma = std::sqrt(sigma * sigma + pending[i]);
    }
    out.heading_sigma_rad = heading_sigma_rad();
  }
  out.accelerometer_bias_mps2 = s.accelerometer_bias_mps2;
  out.gyro_bias_radps = s.gyro_bias_radps;
  out.has_fix = s.fix.known;
  out.aligned = s.aligned;
  out.fix_rejected = s.rejected;
  out.outage = !s.fix.known || seconds(s.time_ns - s.used_ns) > outage_s;
  return out;
}

}  // namespace haltere::fusion::navigation
