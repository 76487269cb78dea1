#pragma once

#include <stdint.h>

#include "fusion/ahrs/ahrs.hpp"

// What the orientation image reads and writes: files of these, little-endian. Freestanding C++14.

namespace haltere {
namespace orientation {

enum class Sensor : uint32_t { gyroscope, accelerometer, magnetometer };
constexpr uint32_t sensors = 3;

struct Sample {
  Sensor sensor;
  fusion::ahrs::Vec3 value;
  int64_t time_ns;
};

/// All that the filter says after a sample.
struct Answer {
  float value[22];
  uint32_t counts[4];
  /// Bit 0: the sample was used; then at rest, has heading, field disturbed; from bit 4 on the
  /// saturated axes of each sensor.
  uint32_t flags;
};

/// What updates cost; the last thing in the file.
struct Cost {
  uint32_t samples[sensors];
  uint32_t most_ticks;  ///< of one sample
  uint64_t ticks[sensors];
  uint64_t orientation_ticks;  ///< of `orientation()`, once for each of the gyroscope's
  uint32_t filter_bytes;
  uint32_t stack_bytes;  ///< at most, to take a sample and tell the orientation
};

/// With ranges that nobody told, as in fusion::ahrs::Ahrs.
inline bool take(fusion::ahrs::AhrsCore& filter, fusion::ahrs::Plateaus& plateaus,
                 const Sample& sample) {
  using fusion::ahrs::Plateaus;
  const fusion::ahrs::Vec3& v = sample.value;
  const int64_t at_ns = sample.time_ns;
  switch (sample.sensor) {
    case Sensor::gyroscope:
      return filter.gyroscope(at_ns, v, plateaus.gyroscope.update(v, Plateaus::least_radps));
    case Sensor::accelerometer:
      return filter.accelerometer(at_ns, v, plateaus.accelerometer.update(v, Plateaus::least_mps2));
    case Sensor::magnetometer:
      return filter.magnetometer(at_ns, v, plateaus.magnetometer.update(v, Plateaus::least_ut));
  }
  return false;
}

inline Answer answer_of(const fusion::ahrs::AhrsCore& filter, bool used) {
  using fusion::ahrs::Vec3;
  const fusion::ahrs::Output out = filter.output();
  Answer answer{};
  float* to = answer.value;
  const auto put = [&to](float v) { *to++ = v; };
  const auto put_vector = [&put](const Vec3& v) {
    put(v.x);
    put(v.y);
    put(v.z);
  };
  put(out.orientation.w);
  put_vector({out.orientation.x, out.orientation.y, out.orientation.z});
  put_vector(out.gravity_mps2);
  put_vector(out.linear_acceleration_mps2);
  put(out.heading_rad);
  put_vector(out.gyro_bias_radps);
  put_vector(out.gyro_bias_sigma_radps);
  put_vector(out.hard_iron_ut);
  put(out.magnetometer_latency_s);
  answer.counts[0] = filter.counts().refused;
  answer.counts[1] = filter.counts().late;
  answer.counts[2] = filter.counts().gaps;
  answer.counts[3] = filter.counts().lost;
  answer.flags = (used ? 1U : 0U) | (out.at_rest ? 2U : 0U) | (out.has_heading ? 4U : 0U) |
                 (out.field_disturbed ? 8U : 0U) | uint32_t{out.saturated.gyroscope} << 4U |
                 uint32_t{out.saturated.accelerometer} << 7U |
                 uint32_t{out.saturated.magnetometer} << 10U;
  return answer;
}

}  // namespace orientation
}  // namespace haltere
