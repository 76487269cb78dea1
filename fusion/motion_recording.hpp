#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "fusion/ahrs/vector.hpp"

namespace haltere::fusion {

/// A sample with three axes.
struct TimedVector {
  std::int64_t time_ns = 0;
  ahrs::Vec3 value{};
};

/// What an inertial sensor recorded, each part ascending by time. In rad/s, m/s², µT.
struct MotionRecording {
  std::vector<TimedVector> gyroscope;
  std::vector<TimedVector> accelerometer;
  std::vector<TimedVector> magnetometer;
};

/// Hands all samples to `filter` in the order of their stamps, the gyroscope's first among equals,
/// and calls `after(i)` when those up to sample `i` of the gyroscope have been taken.
template <typename Filter, typename After>
void play(const MotionRecording& recording, Filter& filter, After after) {
  std::size_t a = 0;
  std::size_t m = 0;
  const auto& gyro = recording.gyroscope;
  for (std::size_t i = 0; i < gyro.size(); ++i) {
    filter.gyroscope(gyro[i].time_ns, gyro[i].value);
    const std::int64_t until = i + 1 < gyro.size() ? gyro[i + 1].time_ns : INT64_MAX;
    for (; a < recording.accelerometer.size() && recording.accelerometer[a].time_ns < until; ++a) {
      const TimedVector& sample = recording.accelerometer[a];
      filter.accelerometer(sample.time_ns, sample.value);
    }
    for (; m < recording.magnetometer.size() && recording.magnetometer[m].time_ns < until; ++m) {
      const TimedVector& sample = recording.magnetometer[m];
      filter.magnetometer(sample.time_ns, sample.value);
    }
    after(i);
  }
}

}  // namespace haltere::fusion
