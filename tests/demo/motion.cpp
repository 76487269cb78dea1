#include "tests/demo/motion.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace haltere::demo {
namespace {

using Vector = std::array<double, 3>;

constexpr double gravity_mps2 = 9.80665;
constexpr double degree = std::numbers::pi / 180.0;
constexpr double full_scale_g = 4.0;
constexpr double full_scale_dps = 2000.0;
constexpr std::array<const char*, 5> gestures{"punch", "flex", "circ", "hori", "vert"};

struct Quaternion {
  double w = 1.0, x = 0.0, y = 0.0, z = 0.0;
};

Quaternion operator*(const Quaternion& a, const Quaternion& b) {
  return {
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

Quaternion conjugate(const Quaternion& q) { return {q.w, -q.x, -q.y, -q.z}; }

Quaternion turn(int axis, double angle_rad) {
  Quaternion q{std::cos(angle_rad / 2.0), 0.0, 0.0, 0.0};
  (axis == 0 ? q.x : axis == 1 ? q.y : q.z) = std::sin(angle_rad / 2.0);
  return q;
}

Vector rotate(const Quaternion& q, const Vector& v) {
  const Quaternion r = q * Quaternion{0.0, v[0], v[1], v[2]} * conjugate(q);
  return {r.x, r.y, r.z};
}

/// Minimum-jerk path from 0 to 1 (Flash and Hogan 1985, eq. 3), at rest outside of it.
double minimum_jerk(double u) {
  u = std::clamp(u, 0.0, 1.0);
  return u * u * u * (10.0 + u * (6.0 * u - 15.0));
}

/// What varies from take to take.
struct Style {
  double size = 1.0;
  double tempo = 1.0;
  double phase_rad = 0.0;
  double direction = 1.0;
  double tremor_hz = 9.0;
  Quaternion grip;
};

/// Position in metres (x forward, y left, z up) and orientation of the board at a moment.
struct Pose {
  Vector position_m{};
  Quaternion orientation;
};

Pose punch(double t, const Style& s) {
  const double u = t * s.tempo / 0.6;
  const double reach = minimum_jerk(u / 0.45) - minimum_jerk((u - 0.5) / 0.5);
  return {{0.35 * s.size * reach, 0.0, 0.04 * s.size * reach}, turn(0, 60.0 * degree * reach)};
}

Pose flex(double t, const Style& s) {
  const double u = t * s.tempo / 0.9;
  const double angle_rad =
      105.0 * degree * s.size * (minimum_jerk(u / 0.5) - minimum_jerk((u - 0.55) / 0.45));
  const double forearm_m = 0.32;
  return {{forearm_m * std::cos(angle_rad), 0.0, forearm_m * std::sin(angle_rad)},
          turn(1, -angle_rad)};
}

Pose circle(double t, const Style& s) {
  const double angle_rad = s.direction * 2.0 * std::numbers::pi * 1.5 * s.tempo * t + s.phase_rad;
  const double radius_m = 0.14 * s.size;
  return {{0.0, radius_m * std::cos(angle_rad), radius_m * std::sin(angle_rad)},
          turn(2, 8.0 * degree * std::cos(angle_rad))};
}

Pose wave(double t, const Style& s, int axis) {
  const double swing = std::sin(2.0 * std::numbers::pi * 2.2 * s.tempo * t + s.phase_rad);
  Pose pose;
  pose.position_m[static_cast<std::size_t>(axis)] = 0.12 * s.size * swing;
  pose.orientation = axis == 1 ? turn(2, 22.0 * degree * s.size * swing)
                               : turn(1, -14.0 * degree * s.size * swing);
  return pose;
}

Pose pose_at(std::size_t gesture, double t, const Style& style) {
  Pose pose = gesture == 0   ? punch(t, style)
              : gesture == 1 ? flex(t, style)
              : gesture == 2 ? circle(t, style)
                             : wave(t, style, gesture == 3 ? 1 : 2);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    pose.position_m[axis] +=
        0.0004 * std::sin(2.0 * std::numbers::pi * style.tremor_hz * t + static_cast<double>(axis));
  }
  pose.orientation = pose.orientation * style.grip;
  return pose;
}

/// What an ideal IMU on the board measures at `t`, by central differences of the motion.
ImuRow measure(std::size_t gesture, double t, const Style& style) {
  constexpr double step_s = 1e-3;
  const Pose before = pose_at(gesture, t - step_s, style);
  const Pose now = pose_at(gesture, t, style);
  const Pose after = pose_at(gesture, t + step_s, style);
  Vector force_mps2{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    force_mps2[axis] =
        (before.position_m[axis] - 2.0 * now.position_m[axis] + after.position_m[axis]) /
        (step_s * step_s);
  }
  force_mps2[2] += gravity_mps2;
  const Vector body = rotate(conjugate(now.orientation), force_mps2);
  const Quaternion turned = conjugate(before.orientation) * after.orientation;
  // Rotation over two steps: for so small an angle 2·(x, y, z) is the rotation vector.
  const double to_dps = 2.0 / (2.0 * step_s) / degree;
  ImuRow row;
  for (std::size_t axis = 0; axis < 3; ++axis) row.acceleration_g[axis] = body[axis] / gravity_mps2;
  row.angular_rate_dps = {turned.x * to_dps, turned.y * to_dps, turned.z * to_dps};
  return row;
}

}  // namespace

MotionSimulator::MotionSimulator(std::uint64_t seed) : state_(seed) {
  for (double& bias : gyro_bias_dps_) bias = normal(1.0);
}

double MotionSimulator::uniform(double low, double high) {
  // SplitMix64 (Steele, Lea and Flood 2014).
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  z ^= z >> 31;
  return low + (high - low) * static_cast<double>(z >> 11) * 0x1.0p-53;
}

double MotionSimulator::normal(double deviation) {
  double sum = -6.0;
  for (int i = 0; i < 12; ++i) sum += uniform(0.0, 1.0);
  return deviation * sum;
}

Take MotionSimulator::next() {
  const auto gesture = static_cast<std::size_t>(uniform(0.0, 5.0));
  Style style;
  style.size = uniform(0.65, 1.35);
  style.tempo = uniform(0.75, 1.3);
  style.phase_rad = uniform(0.0, 2.0 * std::numbers::pi);
  style.direction = uniform(0.0, 1.0) < 0.5 ? -1.0 : 1.0;
  style.tremor_hz = uniform(8.0, 11.0);
  style.grip = turn(2, normal(15.0 * degree)) * turn(1, normal(10.0 * degree)) *
               turn(0, normal(10.0 * degree));
  const double start_s = uniform(0.0, 0.1);

  Take take;
  take.gesture = gestures[gesture];
  take.rows.reserve(rows_per_take);
  for (int i = 0; i < rows_per_take; ++i) {
    ImuRow row = measure(gesture, start_s + static_cast<double>(i) / rate_hz, style);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      row.acceleration_g[axis] =
          std::clamp(row.acceleration_g[axis] + normal(0.015), -full_scale_g, full_scale_g);
      row.angular_rate_dps[axis] =
          std::clamp(row.angular_rate_dps[axis] + gyro_bias_dps_[axis] + normal(1.0),
                     -full_scale_dps, full_scale_dps);
    }
    take.rows.push_back(row);
  }
  return take;
}

}  // namespace haltere::demo
