#include "fusion/navigation/navigator.hpp"

#include <algorithm>

namespace haltere::fusion::navigation {
namespace {

using sensors::TimeNs;

constexpr TimeNs settling_ns = 2'000'000'000;  // of the orientation filter
constexpr TimeNs level_every_ns = 100'000'000;
constexpr TimeNs compass_every_ns = 1'000'000'000;
constexpr double search_sigma_rad = 0.12;
constexpr double search_floor_rad = 0.05;
constexpr double longest_step_s = 0.25;

ahrs::Vec3 narrow(const Vec3& v) {
  return {static_cast<float>(v[0]), static_cast<float>(v[1]), static_cast<float>(v[2])};
}
Vec3 wide(const ahrs::Vec3& v) {
  return {static_cast<double>(v.x), static_cast<double>(v.y), static_cast<double>(v.z)};
}

}  // namespace

Navigator::Navigator(const NavigatorSettings& settings)
    : settings_(settings), orientation_(settings.orientation), position_(settings.position) {}

void Navigator::reset() {
  orientation_.reset();
  position_.reset();
  state_ = {};
}

void Navigator::inertial(TimeNs time_ns, const Vec3& acceleration_mps2, const Vec3& rate_radps) {
  const TimeNs before_ns = position_.state().time_ns;
  const bool first = !state_.started;
  orientation_.gyroscope(time_ns, narrow(rate_radps));
  orientation_.accelerometer(time_ns, narrow(acceleration_mps2));
  if (!position_.inertial(time_ns, acceleration_mps2, scaled(rate_radps))) return;
  state_.started = true;
  const double dt_s = first ? 0.0 : 1e-9 * static_cast<double>(time_ns - before_ns);
  if (first || dt_s > longest_step_s) {
    state_.search = {};
    state_.since_ns = time_ns;
  }
  if (position_.state().aligned && time_ns - state_.level_ns >= level_every_ns) {
    state_.level_ns = time_ns;
    position_.level(orientation(), settings_.tilt_sigma_rad);
  }
  if (!position_.state().aligned) {
    const ahrs::Output out = orientation_.output();
    const Vec3 level = to_matrix(orientation()) * wide(out.linear_acceleration_mps2);
    state_.search.acceleration(time_ns, level, std::min(dt_s, longest_step_s));
    align(time_ns);
  }
}

// Without the errors of scale and of crossed axes that the orientation filter has found; the bias
// stays in, as Position finds it by itself.
Vec3 Navigator::scaled(const Vec3& rate_radps) const {
  const ahrs::GyroCalibration& gyro = orientation_.state().gyro;
  if (!within(rate_radps, 1e3)) return rate_radps;
  return wide(gyro.corrected(narrow(rate_radps)) + gyro.bias_radps);
}

Quat Navigator::orientation() const {
  const ahrs::Quat q = orientation_.orientation();
  const Quat magnetic = normalized({static_cast<double>(q.w), static_cast<double>(q.x),
                                    static_cast<double>(q.y), static_cast<double>(q.z)});
  return from_turn({0.0, 0.0, -settings_.declination_rad}) * magnetic;
}

void Navigator::align(TimeNs time_ns) {
  if (time_ns - state_.since_ns < settling_ns) return;
  const double sigma = state_.search.sigma_rad(settings_.position.velocity_sigma_mps);
  if (sigma < search_sigma_rad) {
    // Whatever the compass says: it may be wrong, velocities are not.
    position_.align(state_.search.turn() * orientation(), std::max(sigma, search_floor_rad));
  } else if (orientation_.output().has_heading) {
    position_.align(orientation(), settings_.compass_sigma_rad);
  }
}

void Navigator::magnetometer(TimeNs time_ns, const Vec3& field_ut) {
  if (!orientation_.magnetometer(time_ns, narrow(field_ut))) return;
  if (!position_.state().aligned || time_ns - state_.compass_ns < compass_every_ns) return;
  state_.compass_ns = time_ns;
  // Its errors stay for long: asking often makes them no smaller.
  const bool trusted = !orientation_.output().field_disturbed;
  if (!trusted || position_.heading_sigma_rad() < settings_.compass_sigma_rad) return;
  position_.compass(orientation(), settings_.compass_sigma_rad);
}

void Navigator::velocity(TimeNs time_ns, const Vec3& velocity_mps) {
  if (!position_.velocity(time_ns, velocity_mps) || position_.state().aligned) return;
  state_.search.velocity(position_.state().velocity.time_ns, velocity_mps);
}

void Navigator::fix(TimeNs time_ns, const Vec3& position_m) { position_.fix(time_ns, position_m); }

void Navigator::fix(TimeNs time_ns, const Vec3& position_m, const Vec3& sigma_m) {
  position_.fix(time_ns, position_m, sigma_m);
}

PositionOutput Navigator::output() const {
  PositionOutput out = position_.output();
  if (!out.aligned) out.orientation = orientation();
  return out;
}

NavigatorState Navigator::state() const {
  NavigatorState state = state_;
  state.orientation = orientation_.whole_state();
  state.position = position_.state();
  return state;
}

void Navigator::restore(const NavigatorState& state) {
  state_ = state;
  orientation_.restore(state.orientation);
  position_.restore(state.position);
}

}  // namespace haltere::fusion::navigation
