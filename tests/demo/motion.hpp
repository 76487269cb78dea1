#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace haltere::demo {

/// One line of a board with a six-axis IMU.
struct ImuRow {
  std::array<double, 3> acceleration_g{};
  std::array<double, 3> angular_rate_dps{};
};

/// One gesture as a capture sketch keeps it: a fixed number of rows from the moment motion is seen.
struct Take {
  std::string gesture;
  std::vector<ImuRow> rows;
};

inline constexpr double rate_hz = 119.0;
inline constexpr int rows_per_take = 119;

/// Simulates a hand that holds a board: five gestures as rigid-body motions with varying size,
/// tempo and grip, seen by an accelerometer and a gyroscope with noise, bias and clipping. The same
/// seed gives the same takes on every machine with IEEE doubles and the same libm.
class MotionSimulator {
 public:
  explicit MotionSimulator(std::uint64_t seed);

  /// The next take, its gesture chosen at random.
  Take next();

 private:
  double uniform(double low, double high);
  double normal(double deviation);

  std::uint64_t state_;
  std::array<double, 3> gyro_bias_dps_{};
};

}  // namespace haltere::demo
