#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fusion/derived/state_variable.hpp"

namespace haltere {
namespace fusion {
namespace derived {

/// Kinds of machines whose vibration velocity the standards judge.
enum class Machine : uint8_t {
  class_1,        ///< ISO 10816-1:1995, annex B: small, to 15 kW
  class_2,        ///< medium, 15 to 75 kW, or to 300 kW on special foundations
  class_3,        ///< large, on heavy, rigid foundations
  class_4,        ///< large, on soft foundations
  group_1_rigid,  ///< ISO 20816-3:2022, annex A (the limits of ISO 10816-3:2009): 300 kW to 50 MW
  group_1_flexible,
  group_2_rigid,  ///< 15 to 300 kW
  group_2_flexible,
};

/// How good a machine's vibration is.
enum class Zone : uint8_t {
  a = 0,  ///< newly commissioned
  b = 1,  ///< for unrestricted long-term operation
  c = 2,  ///< for a limited time, until it can be remedied
  d = 3,  ///< enough to cause damage
};

/// Zone of a velocity in mm/s, root mean square.
Zone zone_of(float velocity_mmps, Machine machine);

struct VibrationOutput {
  float velocity_mmps = 0.0F;      ///< root mean square over the window
  float acceleration_mps2 = 0.0F;  ///< likewise, less its mean
  float peak_mps2 = 0.0F;          ///< largest |acceleration| less the mean
  float crest_factor = 0.0F;       ///< peak / root mean square; 0 of stillness
};

/// Vibration of one axis: velocity from 10 to 1000 Hz (ISO 2954: within 10 % from 20 Hz on, 20 % at
/// 10 and 1000 Hz), by integrating what a fourth-order Butterworth high-pass leaves of the
/// acceleration. A rate below 4 kHz ends the band at a quarter of it.
///
/// Plain data. No allocation; no NaN comes out: what is not finite is passed over, what is beyond
/// 1e6 m/s^2 cut.
class Vibration {
 public:
  explicit Vibration(float rate_hz);

  void add(float acceleration_mps2);

  /// Of what was added since the last call; then a new window begins.
  VibrationOutput take();

  void reset();

  /// What comes before is still settling.
  static constexpr float settling_s = 0.5F;

 private:
  float velocity(float acceleration_mps2);

  StateVariable integrating_;  ///< first half of the high-pass; its band-pass integrates
  StateVariable second_half_;
  StateVariable top1_;
  StateVariable top2_;
  float to_mmps_;
  bool has_top_;
  bool started_ = false;
  float velocity1_ = 0.0F;  ///< of the sample before, and the one before that
  float velocity2_ = 0.0F;
  float first_ = 0.0F;  ///< the window's first sample: sums are of differences to it
  uint32_t count_ = 0;
  float velocity_squares_ = 0.0F;
  float sum_ = 0.0F;
  float squares_ = 0.0F;
  float least_ = 0.0F;
  float most_ = 0.0F;
};

}  // namespace derived
}  // namespace fusion
}  // namespace haltere
