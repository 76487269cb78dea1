#pragma once

#include <array>
#include <cmath>
#include <cstddef>

#include "fusion/navigation/elementary.hpp"

// Vectors and rotations in double: positions on a globe, and covariances that must not lose digits.

namespace haltere::fusion::navigation {

struct Vec3 {
  std::array<double, 3> axes{};
  constexpr double& operator[](std::size_t i) { return axes[i]; }
  constexpr double operator[](std::size_t i) const { return axes[i]; }
  bool operator==(const Vec3&) const = default;
};

/// Row-major.
struct Mat3 {
  std::array<double, 9> cells{};
  constexpr double& operator()(std::size_t row, std::size_t column) {
    return cells[3 * row + column];
  }
  constexpr double operator()(std::size_t row, std::size_t column) const {
    return cells[3 * row + column];
  }
};

/// Unit quaternion of a rotation.
struct Quat {
  double w = 1.0, x = 0.0, y = 0.0, z = 0.0;
  bool operator==(const Quat&) const = default;
};

constexpr Vec3 operator+(const Vec3& a, const Vec3& b) {
  return {a[0] + b[0], a[1] + b[1], a[2] + b[2]};
}
constexpr Vec3 operator-(const Vec3& a, const Vec3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}
constexpr Vec3 operator*(double s, const Vec3& a) { return {s * a[0], s * a[1], s * a[2]}; }
constexpr double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
constexpr Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
inline double length(const Vec3& a) { return std::sqrt(dot(a, a)); }

/// False for NaN too.
inline bool within(const Vec3& a, double limit) {
  return std::abs(a[0]) <= limit && std::abs(a[1]) <= limit && std::abs(a[2]) <= limit;
}

constexpr Vec3 operator*(const Mat3& m, const Vec3& v) {
  return {m(0, 0) * v[0] + m(0, 1) * v[1] + m(0, 2) * v[2],
          m(1, 0) * v[0] + m(1, 1) * v[1] + m(1, 2) * v[2],
          m(2, 0) * v[0] + m(2, 1) * v[1] + m(2, 2) * v[2]};
}
constexpr Mat3 operator*(const Mat3& a, const Mat3& b) {
  Mat3 out;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      out(i, j) = a(i, 0) * b(0, j) + a(i, 1) * b(1, j) + a(i, 2) * b(2, j);
    }
  }
  return out;
}
constexpr Mat3 transposed(const Mat3& a) {
  return {{a(0, 0), a(1, 0), a(2, 0), a(0, 1), a(1, 1), a(2, 1), a(0, 2), a(1, 2), a(2, 2)}};
}

/// [v]x w = v x w.
constexpr Mat3 skew(const Vec3& v) {
  return {{0.0, -v[2], v[1], v[2], 0.0, -v[0], -v[1], v[0], 0.0}};
}

/// The rotation `b`, then `a`.
constexpr Quat operator*(const Quat& a, const Quat& b) {
  return {
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}
constexpr Quat conjugate(const Quat& q) { return {q.w, -q.x, -q.y, -q.z}; }

/// No rotation if its length is zero or not a number.
inline Quat normalized(const Quat& q) {
  const double squared = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
  if (!(squared > 1e-30 && squared < 1e30)) return {};
  const double scale = 1.0 / std::sqrt(squared);
  return {q.w * scale, q.x * scale, q.y * scale, q.z * scale};
}

/// v_rotated = M v.
constexpr Mat3 to_matrix(const Quat& q) {
  return {
      {1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.w * q.z), 2 * (q.x * q.z + q.w * q.y),
       2 * (q.x * q.y + q.w * q.z), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.w * q.x),
       2 * (q.x * q.z - q.w * q.y), 2 * (q.y * q.z + q.w * q.x), 1 - 2 * (q.x * q.x + q.y * q.y)}};
}

/// The earth's vertical in the frame of a sensor that `q` turns to the earth's.
constexpr Vec3 upward_axis(const Quat& q) {
  const Mat3 m = to_matrix(q);
  return {m(2, 0), m(2, 1), m(2, 2)};
}

/// Rotation by the angle |`turn_rad`| about the axis `turn_rad`.
inline Quat from_turn(const Vec3& turn_rad) {
  const double angle = length(turn_rad);
  if (angle < 1e-9) {
    return normalized({1.0, 0.5 * turn_rad[0], 0.5 * turn_rad[1], 0.5 * turn_rad[2]});
  }
  const SineCosine half = sine_cosine(0.5 * angle);
  const double scale = half.sine / angle;
  return {half.cosine, scale * turn_rad[0], scale * turn_rad[1], scale * turn_rad[2]};
}

}  // namespace haltere::fusion::navigation
