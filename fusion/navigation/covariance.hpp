#pragma once

#include <array>
#include <cstddef>

#include "fusion/navigation/vector.hpp"

namespace haltere::fusion::navigation {

/// Where each part of the error state begins: position, velocity, attitude, the accelerometer's and
/// the gyroscope's bias.
namespace part {
inline constexpr std::size_t position = 0;
inline constexpr std::size_t velocity = 3;
inline constexpr std::size_t attitude = 6;
inline constexpr std::size_t accelerometer = 9;
inline constexpr std::size_t gyroscope = 12;
inline constexpr std::size_t count = 15;
}  // namespace part

using ErrorState = std::array<double, part::count>;

/// [15][15], row-major, symmetric.
using Covariance = std::array<double, part::count * part::count>;

/// What one step does to an error: its nonzero blocks beside the ones of the identity.
struct ErrorStep {
  double dt_s = 0.0;
  Mat3 velocity_by_attitude;
  Mat3 velocity_by_accelerometer;
  Mat3 attitude_by_attitude;
};

/// F times each column of `p`, in place: the error state's transition (J. Solà, "Quaternion
/// kinematics for the error-state Kalman filter", arXiv 1711.02508, section 5.4.1).
void move_columns(const ErrorStep& step, Covariance& p);

/// P = F P F^T.
void move(const ErrorStep& step, Covariance& p);

/// Adds `variance` to the three diagonal cells from `first` on.
void widen(Covariance& p, std::size_t first, double variance);

/// Forgets how the three states from `first` on hang together with others; their variance becomes
/// `variance`.
void cut_off(Covariance& p, std::size_t first, double variance);

/// Turns the frame of attitude errors by half of `turn_rad`: P = G P G^T, G = I - [turn / 2]x
/// (Solà, section 6.3).
void turn_frame(Covariance& p, const Vec3& turn_rad);

/// One scalar measurement `innovation` = `row` . error + noise: adds to `error` what it tells, and
/// takes it off `p`.
void correct(const ErrorState& row, double innovation, double variance, ErrorState& error,
             Covariance& p);

/// row_a P row_b^T.
[[nodiscard]] double between(const ErrorState& row_a, const Covariance& p, const ErrorState& row_b);

/// v^T S^-1 v of a symmetric S; infinite unless it is positive definite.
[[nodiscard]] double normalized_square(const Vec3& v, const Mat3& s);

}  // namespace haltere::fusion::navigation
