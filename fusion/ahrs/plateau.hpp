#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// Axes of a sample at the end of their range.
struct Clipped {
  uint8_t axes = 0;     ///< bit 0: x, then y and z
  uint8_t samples = 1;  ///< that it has been so, of which those before were not told
};

/// Axes of `v` at the end of `range`, but for what the last digit is worth; none where it is 0.
inline uint8_t beyond(const Vec3& v, float range) {
  if (!(range > 0)) return 0;
  const float end = 0.999F * range;
  return static_cast<uint8_t>((absolute(v.x) >= end ? 1U : 0U) | (absolute(v.y) >= end ? 2U : 0U) |
                              (absolute(v.z) >= end ? 4U : 0U));
}

/// Finds where a sensor's range ends, when nobody says: an axis ran into its largest value so far
/// and stays there exactly, while the others go on. What else looks like that is told apart:
///
///  - The crest of a smooth motion. If it is flat for four samples, its curve spans less than a
///  step
///    of the sensor's resolution meanwhile, so that it was entered by two steps at most: a clipped
///    axis was entered by at least sixteen, and by 1/256 of its value.
///  - Rest and noise, coarse as they may be: no sensor's range is below the `least` given.
///  - A slower sensor read too often: its axes all stand still together.
///
/// Once known, the end of a range tells at the first sample. A value beyond shows that it was none.
/// Of one sensor, which must be as it reports: what is scaled or turned afterwards has no such
/// ends. Plain state, 44 bytes.
struct Plateau {
  static constexpr uint8_t needed = 4;  ///< samples, the first time

  Vec3 newest;
  float extreme[2][3];  ///< largest so far: [of positive, of negative][axis]
  float resolution;     ///< smallest change seen
  uint8_t samples[3];   ///< at the extreme, up to `needed`
  uint8_t known : 6;    ///< bit side * 3 + axis: the extreme is the range's end
  bool started : 1;

  void clear();

  /// Takes the next sample. `least`: no sensor's range is smaller, in the sample's unit.
  Clipped update(const Vec3& sample, float least);

 private:
  struct Step {
    float change[3];  ///< since the sample before, of each axis
    float least;
    bool any;  ///< of them
  };

  Step step_to(const Vec3& sample, float least);
  bool entered(const Step& step, size_t axis, float size) const;
  uint8_t count(size_t axis, size_t side, float size, const Step& step);
};

/// Of a gyroscope, an accelerometer and a magnetometer: there are none of less than 100 deg/s, 1.5
/// g and 80 uT.
struct Plateaus {
  static constexpr float least_radps = 100.0F * radian_per_degree;
  static constexpr float least_mps2 = 1.5F * gravity_mps2;
  static constexpr float least_ut = 80.0F;

  Plateau gyroscope;
  Plateau accelerometer;
  Plateau magnetometer;

  void clear() {
    gyroscope.clear();
    accelerometer.clear();
    magnetometer.clear();
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
