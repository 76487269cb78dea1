// The receiver's half: what fixes, velocities and a compass tell.

#include <algorithm>
#include <cmath>

#include "fusion/navigation/position.hpp"

namespace haltere::fusion::navigation {
namespace {

using sensors::TimeNs;

constexpr double max_distance_m = 1e8;
constexpr double max_speed_mps = 1e5;
constexpr double start_speed_sigma_mps = 1.0;
constexpr double least_sigma_m = 0.001;
constexpr double most_sigma_m = 1e5;
constexpr double untold_variance = 1e8;    // (m/s)², of an axis that the receiver does not tell
constexpr double longest_between_s = 5.0;  // of two fixes that tell a velocity
constexpr double restart_attitude_sigma_rad = 0.1;
constexpr double bias_limit_sigmas = 5.0;
constexpr TimeNs furthest_ns = TimeNs{1} << 61;
constexpr TimeNs longest_delay_ns = 1'500'000'000;

double seconds(TimeNs ns) { return 1e-9 * static_cast<double>(ns); }
double square(double v) { return v * v; }

Vec3 limited(const Vec3& v, double limit) {
  return {std::clamp(v[0], -limit, limit), std::clamp(v[1], -limit, limit),
          std::clamp(v[2], -limit, limit)};
}

ErrorState row_of(std::size_t position, double position_weight, std::size_t velocity,
                  double velocity_weight) {
  ErrorState row{};
  row[position] = position_weight;
  row[velocity] = velocity_weight;
  return row;
}

/// Three rows of measurements of one kind.
struct Rows {
  std::array<ErrorState, 3> row{};
  Vec3 innovation;
  Vec3 variance;
};

double normalized_innovation(const Rows& rows, const Covariance& p) {
  Mat3 s;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      s(i, j) = between(rows.row[i], p, rows.row[j]) + (i == j ? rows.variance[i] : 0.0);
    }
  }
  return normalized_square(rows.innovation, s);
}

ErrorState correct_all(const Rows& rows, Covariance& p) {
  ErrorState error{};
  for (std::size_t i = 0; i < 3; ++i) {
    correct(rows.row[i], rows.innovation[i], rows.variance[i], error, p);
  }
  return error;
}

}  // namespace

// Whether it is usable at all; then it is the newest.
bool Position::take_report(TimeNs time_ns, const Vec3& value, Report& newest) {
  PositionState& s = state_;
  if (time_ns <= -furthest_ns || time_ns >= furthest_ns || !within(value, max_distance_m)) {
    ++s.counts.refused;
    return false;
  }
  const TimeNs true_ns = time_ns - latency_ns();
  const bool near = s.has_inertial && true_ns - s.time_ns < longest_delay_ns &&
                    s.time_ns - true_ns < longest_delay_ns;
  if (!near || (newest.known && true_ns <= newest.time_ns)) {
    ++s.counts.late;
    return false;
  }
  newest = {true_ns, value, true};
  return true;
}

Vec3 Position::usual_fix_sigma_m() const {
  return {settings_.fix_horizontal_sigma_m, settings_.fix_horizontal_sigma_m,
          settings_.fix_vertical_sigma_m};
}

bool Position::fix(TimeNs time_ns, const Vec3& position_m) {
  return fix(time_ns, position_m, usual_fix_sigma_m());
}

bool Position::fix(TimeNs time_ns, const Vec3& position_m, const Vec3& sigma_m) {
  PositionState& s = state_;
  const Report before = s.fix;
  if (!take_report(time_ns, position_m, s.fix)) return false;
  s.fix_before = before;
  s.fix_sigma_m = usual_fix_sigma_m();
  for (std::size_t i = 0; i < 3; ++i) {
    // No comparison holds for what is no number.
    if (sigma_m[i] > 0.0) s.fix_sigma_m[i] = std::clamp(sigma_m[i], least_sigma_m, most_sigma_m);
  }
  if (!s.aligned) {
    s.used_ns = s.fix.time_ns;
    return true;
  }
  return use_fix(position_m);
}

Vec3 Position::fix_variance() const {
  const Vec3& sigma_m = state_.fix_sigma_m;
  return {square(sigma_m[0]), square(sigma_m[1]), square(sigma_m[2])};
}

// z = p - d v: the error of where it was then, by the errors of now (Solà, section 6.1).
bool Position::use_fix(const Vec3& position_m) {
  PositionState& s = state_;
  const Moment now{s.time_ns, s.position_m, s.velocity_mps};
  Moment then;
  if (!s.past.find(s.fix.time_ns, now, then)) {
    ++s.counts.late;
    return false;
  }
  const double ago_s = seconds(s.time_ns - s.fix.time_ns);
  Rows rows;
  for (std::size_t i = 0; i < 3; ++i) {
    rows.row[i] = row_of(part::position + i, 1.0, part::velocity + i, -ago_s);
  }
  rows.innovation = position_m - then.position_m;
  rows.variance = fix_variance();
  s.rejected = normalized_innovation(rows, s.covariance) > settings_.gate;
  if (!s.rejected) {
    inject(correct_all(rows, s.covariance));
    s.used_ns = s.fix.time_ns;
    return true;
  }
  ++s.counts.rejected;
  if (seconds(s.fix.time_ns - s.used_ns) <= settings_.gate_duration_s) return false;
  ++s.counts.restarts;
  // Fixes that stay off agree on another place, and on another orientation perhaps.
  widen(s.covariance, part::attitude, square(restart_attitude_sigma_rad));
  start_at_fix();
  return true;
}

bool Position::velocity(TimeNs time_ns, const Vec3& velocity_mps) {
  PositionState& s = state_;
  if (!within(velocity_mps, max_speed_mps)) {
    ++s.counts.refused;
    return false;
  }
  if (!take_report(time_ns, velocity_mps, s.velocity)) return false;
  return !s.aligned || use_velocity(velocity_mps);
}

bool Position::use_velocity(const Vec3& velocity_mps) {
  PositionState& s = state_;
  const Moment now{s.time_ns, s.position_m, s.velocity_mps};
  Moment then;
  if (!s.past.find(s.velocity.time_ns, now, then)) {
    ++s.counts.late;
    return false;
  }
  Rows rows;
  for (std::size_t i = 0; i < 3; ++i) {
    rows.row[i] = row_of(part::velocity + i, 1.0, part::position + i, 0.0);
    rows.variance[i] = square(settings_.velocity_sigma_mps);
  }
  rows.innovation = velocity_mps - then.velocity_mps;
  if (!settings_.velocity_has_up) {
    rows.innovation[2] = 0.0;
    rows.variance[2] = untold_variance;
  }
  if (normalized_innovation(rows, s.covariance) > settings_.gate) {
    ++s.counts.rejected;
    return false;
  }
  inject(correct_all(rows, s.covariance));
  return true;
}

// At the newest fix, with the velocity of the receiver, or of the two newest fixes.
void Position::start_at_fix() {
  PositionState& s = state_;
  const double ago_s = seconds(s.time_ns - s.fix.time_ns);
  const double apart_s = seconds(s.fix.time_ns - s.fix_before.time_ns);
  double speed_variance = square(start_speed_sigma_mps);
  bool told_up = true;
  s.velocity_mps = {};
  if (s.velocity.known && std::abs(seconds(s.fix.time_ns - s.velocity.time_ns)) < 1.0) {
    s.velocity_mps = s.velocity.value;
    speed_variance = square(settings_.velocity_sigma_mps) + 0.01 * speed_variance;
    told_up = settings_.velocity_has_up;
    if (!told_up) s.velocity_mps[2] = 0.0;
  } else if (s.fix_before.known && apart_s < longest_between_s) {
    s.velocity_mps = 1.0 / apart_s * (s.fix.value - s.fix_before.value);
    speed_variance += 2.0 * square(settings_.fix_vertical_sigma_m / apart_s);
  }
  s.position_m = s.fix.value + ago_s * s.velocity_mps;
  const Vec3 variance = fix_variance();
  cut_off(s.covariance, part::velocity, speed_variance);
  if (!told_up) {
    s.covariance[(part::count + 1) * (part::velocity + 2)] = square(start_speed_sigma_mps);
  }
  cut_off(s.covariance, part::position, 0.0);
  for (std::size_t i = 0; i < 3; ++i) s.covariance[(part::count + 1) * i] = variance[i];
  s.used_ns = s.fix.time_ns;
  s.rejected = false;
  s.past.clear();
}

// A turn about the vertical by the errors of the attitude, which are in the sensor's frame.
ErrorState Position::upward_turn() const {
  const Vec3 up = upward_axis(state_.orientation);
  ErrorState row{};
  for (std::size_t i = 0; i < 3; ++i) row[part::attitude + i] = up[i];
  return row;
}

void Position::compass(const Quat& orientation, double heading_sigma_rad) {
  PositionState& s = state_;
  if (!s.aligned) return;
  const Quat apart = orientation * conjugate(s.orientation);
  // To the first order of what is left between them: the sine for the angle.
  const double scale = std::sqrt(apart.w * apart.w + apart.z * apart.z);
  if (!(scale > 0.1)) return;
  const double half_sine = apart.z / scale * (apart.w < 0.0 ? -1.0 : 1.0);
  ErrorState error{};
  correct(upward_turn(), 2.0 * half_sine, square(heading_sigma_rad), error, s.covariance);
  inject(error);
}

// The vertical in the sensor's frame is u = R^T e_z; an error d of the attitude turns it by u x d.
bool Position::level(const Quat& orientation, double tilt_sigma_rad) {
  PositionState& s = state_;
  if (!s.aligned) return false;
  const Vec3 up = upward_axis(s.orientation);
  const Mat3 turned = skew(up);
  Rows rows;
  double own = 0.0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) rows.row[i][part::attitude + j] = turned(i, j);
    rows.variance[i] = square(tilt_sigma_rad);
    own += between(rows.row[i], s.covariance, rows.row[i]);
  }
  rows.innovation = upward_axis(orientation) - up;
  // Of two axes. Its errors stay for long: asking often makes them no smaller.
  const bool wanted = own > 2.0 * square(tilt_sigma_rad);
  if (!wanted || normalized_innovation(rows, s.covariance) > settings_.gate) return false;
  inject(correct_all(rows, s.covariance));
  return true;
}

// Solà, sections 6.2 and 6.3: into the nominal state, whose frame of attitude errors then turns.
void Position::inject(const ErrorState& error) {
  PositionState& s = state_;
  const auto at = [&](std::size_t first) {
    return Vec3{error[first], error[first + 1], error[first + 2]};
  };
  const Vec3 turn = at(part::attitude);
  s.position_m = s.position_m + at(part::position);
  s.velocity_mps = s.velocity_mps + at(part::velocity);
  s.orientation = normalized(s.orientation * from_turn(limited(turn, 1.0)));
  s.accelerometer_bias_mps2 = limited(s.accelerometer_bias_mps2 + at(part::accelerometer),
                                      bias_limit_sigmas * settings_.accelerometer_bias_sigma_mps2);
  s.gyro_bias_radps = limited(s.gyro_bias_radps + at(part::gyroscope),
                              bias_limit_sigmas * settings_.gyro_bias_sigma_radps);
  s.past.shift(s.time_ns, at(part::position), at(part::velocity));
  turn_frame(s.covariance, limited(turn, 1.0));
}

}  // namespace haltere::fusion::navigation
