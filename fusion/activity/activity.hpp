#pragma once

#include <stdint.h>

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace activity {

struct ActivitySettings {
  float rate_hz = 100.0F;
  bool has_gyroscope = false;
  float rest_acceleration_mps2 = 0.5F;  ///< moves no more than this around its low-pass
  float rest_angular_rate_radps = 0.035F;
  float rest_after_s = 1.5F;
  float fall_below_mps2 = 3.5F;  ///< length of the acceleration in free fall
  float fall_after_s = 0.06F;
  float step_swing_mps2 = 1.5F;  ///< least swing of the acceleration's length from step to step
  float tap_mps2 = 12.0F;        ///< least sudden change of the acceleration
};

struct Activity {
  bool at_rest = false;
  bool free_fall = false;
  bool step = false;     ///< a step ended with this sample
  bool walking = false;  ///< the newest step of a series is less than two seconds old
  bool tap = false;      ///< a tap ended with this sample
  uint32_t steps = 0;
  uint32_t taps = 0;
};

/// What an accelerometer, and where there is one a gyroscope, say of what is going on, at a fixed
/// rate.
///
/// - Rest: each axis stays near its own low-pass of 0.5 s, and turns stay slow about theirs (D.
///   Laidig, T. Seel, "VQF", Information Fusion 91, 2023, section 3.4, with its defaults).
/// - Free fall: the acceleration's length is near none for a while (Analog Devices, ADXL345 data
///   sheet, "Free-fall detection": 300 to 600 mg).
/// - Steps: the low-passed length falls through the middle of its swing of the last second, 0.25 to
///   2 s after it did so before; the fourth in a series is the first to count, and counts for all
///   (N. Zhao, "Full-featured pedometer design realized with 3-axis digital accelerometer", Analog
///   Dialogue 44-06, 2010).
/// - Taps: the acceleration leaves its low-pass of 20 ms by much and is back within 50 ms, after
///   100 ms of calm (the ADXL345's threshold, duration and latency). Needs 50 Hz, and finds all at
///   200 Hz.
///
/// Plain data. No allocation; a sample that is not finite is passed over.
class ActivityFilter {
 public:
  explicit ActivityFilter(const ActivitySettings& settings);

  /// The next sample; without a gyroscope `angular_rate_radps` is not looked at.
  void update(const ahrs::Vec3& acceleration_mps2, const ahrs::Vec3& angular_rate_radps);

  /// What follows has nothing to do with what came before; counts stay.
  void restart();

  const Activity& output() const { return out_; }

 private:
  void watch_rest(const ahrs::Vec3& acceleration, const ahrs::Vec3& rate);
  void watch_fall(float length);
  void watch_steps(float length);
  void count_step(uint32_t since);
  void watch_taps(const ahrs::Vec3& acceleration);
  uint32_t samples(float seconds) const;

  ActivitySettings settings_;
  float slow_;    ///< share of a new sample in a low-pass of 0.5 s
  float quick_;   ///< of 20 ms
  float stride_;  ///< of 50 ms
  bool started_ = false;
  ahrs::Vec3 slow_acceleration_{};
  ahrs::Vec3 slow_rate_{};
  ahrs::Vec3 quick_acceleration_{};
  uint32_t calm_ = 0;     ///< samples at rest in a row
  uint32_t falling_ = 0;  ///< samples near no acceleration
  float swing_ = 0.0F;    ///< the length, low-passed
  float least_ = 0.0F;    ///< of the swing, in this second
  float most_ = 0.0F;
  float middle_ = 0.0F;  ///< of the swing in the second before
  float height_ = 0.0F;
  uint32_t second_ = 0;  ///< samples into this second
  bool above_ = false;
  uint32_t since_step_ = 0;
  uint32_t series_ = 0;
  uint32_t loud_ = 0;   ///< samples of the knock under way
  uint32_t quiet_ = 0;  ///< samples since the last one
  bool was_calm_ = false;
  Activity out_;
};

}  // namespace activity
}  // namespace fusion
}  // namespace haltere
