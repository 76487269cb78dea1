#pragma once

#include <stdint.h>

#include "models/kernels/square_root_f32.hpp"

// Vectors, rotations and the little trigonometry that the orientation filter needs, in + - * / and
// square root alone: host and microcontroller agree to the bit. Freestanding C++14.

namespace haltere {
namespace fusion {
namespace ahrs {

struct Vec3 {
  float x, y, z;
};

/// Unit quaternion of a rotation.
struct Quat {
  float w, x, y, z;
};

/// [row][column], row-major.
struct Mat3 {
  float m[9];
};

constexpr float radian_per_degree = 0.017453292519943295F;
constexpr float pi = 3.14159265358979F;
constexpr float gravity_mps2 = 9.80665F;

constexpr Vec3 operator+(const Vec3& a, const Vec3& b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
constexpr Vec3 operator-(const Vec3& a, const Vec3& b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
constexpr Vec3 operator*(float s, const Vec3& a) { return {s * a.x, s * a.y, s * a.z}; }
constexpr float dot(const Vec3& a, const Vec3& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

/// The rotation `b`, then `a`.
constexpr Quat operator*(const Quat& a, const Quat& b) {
  return {
      a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z, a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
      a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x, a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

constexpr Vec3 operator*(const Mat3& a, const Vec3& v) {
  return {a.m[0] * v.x + a.m[1] * v.y + a.m[2] * v.z, a.m[3] * v.x + a.m[4] * v.y + a.m[5] * v.z,
          a.m[6] * v.x + a.m[7] * v.y + a.m[8] * v.z};
}

/// `q` as a matrix: v_rotated = M v.
constexpr Mat3 to_matrix(const Quat& q) {
  return {
      {1 - 2 * (q.y * q.y + q.z * q.z), 2 * (q.x * q.y - q.w * q.z), 2 * (q.x * q.z + q.w * q.y),
       2 * (q.x * q.y + q.w * q.z), 1 - 2 * (q.x * q.x + q.z * q.z), 2 * (q.y * q.z - q.w * q.x),
       2 * (q.x * q.z - q.w * q.y), 2 * (q.y * q.z + q.w * q.x), 1 - 2 * (q.x * q.x + q.y * q.y)}};
}

constexpr Vec3 rotate(const Quat& q, const Vec3& v) { return to_matrix(q) * v; }

inline float length(const Vec3& v) { return kernels::square_root_f32(dot(v, v)); }

constexpr float absolute(float v) { return v < 0 ? -v : v; }
constexpr float larger(float a, float b) { return a < b ? b : a; }
constexpr float smaller(float a, float b) { return b < a ? b : a; }
constexpr float limited(float v, float limit) { return larger(-limit, smaller(v, limit)); }

/// `v` to the nearest whole number, and no further than 16 bits reach.
constexpr int16_t rounded(float v) {
  // Positive when it is cut off, which needs no branch.
  return static_cast<int16_t>(static_cast<int32_t>(limited(v, 32767.0F) + 32768.5F) - 32768);
}

/// False for NaN too.
constexpr bool within(const Vec3& v, float limit) {
  return absolute(v.x) <= limit && absolute(v.y) <= limit && absolute(v.z) <= limit;
}

/// `q` scaled to length 1; no rotation if its length is zero.
inline Quat normalized(const Quat& q) {
  const float squared = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
  if (!(squared > 1e-30F)) return {1, 0, 0, 0};
  // One Newton step is exact to a float for what products of unit quaternions lose, and cheap.
  const bool nearly_unit = squared > 0.9997F && squared < 1.0003F;
  const float scale = nearly_unit ? 1.5F - 0.5F * squared : 1 / kernels::square_root_f32(squared);
  return {q.w * scale, q.x * scale, q.y * scale, q.z * scale};
}

/// Rotation by the angle |`turn_rad`| (rad) about the axis `turn_rad`.
inline Quat from_turn(const Vec3& turn_rad) {
  Vec3 half = 0.5F * turn_rad;
  float s = dot(half, half);
  // Halved until the series below is exact to a float, then squared back.
  int halvings = 0;
  for (; s > 0.0625F && halvings < 24; ++halvings) {
    s *= 0.25F;
    half = 0.5F * half;
  }
  const float cosine = 1 - s * (1 / 2.0F) * (1 - s * (1 / 12.0F) * (1 - s * (1 / 30.0F)));
  const float sinc = 1 - s * (1 / 6.0F) * (1 - s * (1 / 20.0F) * (1 - s * (1 / 42.0F)));
  Quat turn{cosine, sinc * half.x, sinc * half.y, sinc * half.z};
  for (; halvings > 0; --halvings) turn = turn * turn;
  return turn;
}

/// The same about +z alone.
inline Quat from_turn_about_z(float turn_rad) {
  float half = 0.5F * turn_rad;
  int halvings = 0;
  for (; half * half > 0.0625F && halvings < 24; ++halvings) half *= 0.5F;
  const float s = half * half;
  float cosine = 1 - s * (1 / 2.0F) * (1 - s * (1 / 12.0F) * (1 - s * (1 / 30.0F)));
  float sine = half * (1 - s * (1 / 6.0F) * (1 - s * (1 / 20.0F) * (1 - s * (1 / 42.0F))));
  for (; halvings > 0; --halvings) {
    const float doubled = 2 * cosine * sine;
    cosine = cosine * cosine - sine * sine;
    sine = doubled;
  }
  return {cosine, 0, 0, sine};
}

/// Shortest rotation that turns the unit vector `up` to +z.
inline Quat levelling(const Vec3& up) {
  const float w = kernels::square_root_f32(larger(0, 0.5F * (up.z + 1)));
  if (w < 1e-3F) return {0, 1, 0, 0};  // upside down: any horizontal axis will do
  const float scale = 0.5F / w;
  return normalized({w, scale * up.y, -scale * up.x, 0});
}

/// Angle of (x, y) from the x axis in -pi..pi, to 1e-5 rad; 0 for (0, 0). A minimax polynomial.
inline float arc_tangent(float y, float x) {
  const float ax = absolute(x);
  const float ay = absolute(y);
  const float large = larger(ax, ay);
  if (!(large > 0)) return 0;
  const float a = smaller(ax, ay) / large;
  const float s = a * a;
  float angle =
      a * (0.99997726F +
           s * (-0.33262347F +
                s * (0.19354346F + s * (-0.11643287F + s * (0.05265332F - s * 0.01172120F)))));
  if (ay > ax) angle = 0.5F * pi - angle;
  if (x < 0) angle = pi - angle;
  return y < 0 ? -angle : angle;
}

/// `angle_rad` brought into -pi..pi; it must be less than three turns away.
constexpr float wrapped(float angle_rad) {
  return angle_rad > pi    ? wrapped(angle_rad - 2 * pi)
         : angle_rad < -pi ? wrapped(angle_rad + 2 * pi)
                           : angle_rad;
}

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
