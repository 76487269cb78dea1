#pragma once

#include <array>
#include <cmath>

namespace haltere::fusion {

using Vector3 = std::array<double, 3>;
using Matrix3 = std::array<double, 9>;  ///< [row][column], row-major

constexpr Vector3 difference(const Vector3& a, const Vector3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

/// Unit quaternion of a rotation, `w x y z`.
struct Quaternion {
  double w = 1.0;
  double x = 0.0;
  double y = 0.0;
  double z = 0.0;
};

/// The rotation `b`, then `a`.
constexpr Quaternion operator*(const Quaternion& a, const Quaternion& b) {
  return {
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

/// `q` scaled to length 1; no rotation if its length is zero.
inline Quaternion normalized(const Quaternion& q) {
  const double squared = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
  if (!(squared > 0.0)) return {};
  // What products of unit quaternions lose is so little that one Newton step is exact, and cheap.
  const bool nearly_unit = squared > 1.0 - 1e-7 && squared < 1.0 + 1e-7;
  const double scale = nearly_unit ? 1.5 - 0.5 * squared : 1.0 / std::sqrt(squared);
  return {q.w * scale, q.x * scale, q.y * scale, q.z * scale};
}

/// `q` as a matrix: v_rotated = M v.
constexpr Matrix3 to_matrix(const Quaternion& q) {
  return {1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.w * q.z),
          2 * (q.x * q.z + q.w * q.y),     2 * (q.x * q.y + q.w * q.z),
          1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.w * q.x),
          2 * (q.x * q.z - q.w * q.y),     2 * (q.y * q.z + q.w * q.x),
          1 - 2 * (q.x * q.x + q.y * q.y)};
}

constexpr Vector3 operator*(const Matrix3& m, const Vector3& v) {
  return {m[0] * v[0] + m[1] * v[1] + m[2] * v[2], m[3] * v[0] + m[4] * v[1] + m[5] * v[2],
          m[6] * v[0] + m[7] * v[1] + m[8] * v[2]};
}

constexpr Vector3 rotate(const Quaternion& q, const Vector3& v) { return to_matrix(q) * v; }

/// Rotation by the angle |`turn_rad`| (rad) about the axis `turn_rad`. Polynomials instead of the C
/// library's sine and cosine, whose last bits differ between machines. |turn_rad| <= 2^20.
inline Quaternion from_turn(const Vector3& turn_rad) {
  Vector3 half{0.5 * turn_rad[0], 0.5 * turn_rad[1], 0.5 * turn_rad[2]};
  double squared = half[0] * half[0] + half[1] * half[1] + half[2] * half[2];
  // Turns of more than 1 rad are halved until the series below is exact to 1e-15, then squared
  // back.
  int halvings = 0;
  for (; squared > 0.25 && halvings < 24; ++halvings) {
    squared *= 0.25;
    half = {0.5 * half[0], 0.5 * half[1], 0.5 * half[2]};
  }
  const double s = squared;
  const double cosine =
      1 - s / 2 * (1 - s / 12 * (1 - s / 30 * (1 - s / 56 * (1 - s / 90 * (1 - s / 132)))));
  const double sinc =
      1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110 * (1 - s / 156)))));
  Quaternion turn{cosine, sinc * half[0], sinc * half[1], sinc * half[2]};
  for (; halvings > 0; --halvings) turn = turn * turn;
  return turn;
}

}  // namespace haltere::fusion
