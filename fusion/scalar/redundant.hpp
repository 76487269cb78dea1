#pragma once

#include <stddef.h>
#include <stdint.h>

namespace haltere {
namespace fusion {
namespace scalar {

constexpr size_t max_sensors = 8;

/// What is wrong with a sensor. From `jumped` on it is not used until it has agreed for a while.
enum class Fault : uint8_t {
  none = 0,
  missing = 1,   ///< no value this tick
  outlier = 2,   ///< this value is far from the others': not used
  disputed = 3,  ///< one of the last two, which differ: used, but nobody can tell which is right
  jumped = 4,    ///< its values stay far from the others'
  stuck = 5,     ///< the same value for far longer than it ever was
  drifting = 6,  ///< its mean has moved away from the others'
};

struct RedundantSettings {
  /// By how much sensors may differ for good, in the quantity's unit (their datasheets' accuracy);
  /// what their own noise explains is always allowed.
  float tolerance = 0.0F;
};

struct RedundantOutput {
  float value = 0.0F;
  float sigma = 0.0F;              ///< standard deviation of the noise in `value`
  bool valid = false;              ///< a sensor was used this tick
  float weight[max_sensors] = {};  ///< share of each sensor; they sum to 1, or are all 0
  float noise[max_sensors] = {};   ///< standard deviation of each sensor's own noise, as estimated
  Fault fault[max_sensors] = {};
};

/// One value out of several sensors of the same quantity, at equal ticks: a Kalman filter over a
/// random walk, whose noises are estimated while it runs.
///
/// - Each sensor's noise: from the differences between sensors, in which the quantity cancels:
///   var(z_i - z_j) = R_i + R_j, solved for all (the three-cornered hat: J. Gray, D. Allan, "A
///   method for estimating the frequency stability of an individual oscillator", 1974); of
///   successive changes, so that offsets cancel too. Two sensors: R_1 - R_2 from their own changes.
/// - The quantity's own unrest: how much the mean's changes over 16 ticks exceed those over one.
/// - Constant offsets between sensors are learned in the first 64 ticks, so that one that fails
///   leaves no step; the median sensor is taken for the true one.
/// - A value further than 6 standard deviations from the median of those that are trusted (two
///   sensors: the one further from the prediction; one: for two ticks) is not used.
///
/// Plain data, to be copied. No allocation; no NaN comes out. Work per tick: sensors squared.
class Redundant {
 public:
  /// `sensors`: 1 to max_sensors.
  explicit Redundant(size_t sensors, const RedundantSettings& settings = RedundantSettings());

  /// The next tick: `values` [sensors]; those not `present` [sensors], or not finite, are missing.
  void update(const float* values, const bool* present);

  /// The ticks before were long ago: what is known of the sensors stays, the value does not.
  void restart();

  const RedundantOutput& output() const { return out_; }

 private:
  static constexpr uint32_t lag = 16;            ///< ticks that unrest is looked for over
  static constexpr uint32_t moves_to_judge = 8;  ///< before that a resting value says nothing
  static constexpr uint32_t longest_count = 1000000;
  struct Sensor {
    float value = 0.0F;  ///< less its offset
    float raw = 0.0F;
    float before = 0.0F;    ///< raw, of the tick before
    bool fresh = false;     ///< has a value this tick
    bool followed = false;  ///< and had one at the tick before
    bool trusted = true;
    float offset = 0.0F;
    float changes = 0.0F;  ///< mean square of its own changes, halved
    float noise2 = 0.0F;   ///< R
    float quantum = 0.0F;  ///< its smallest change so far
    float drift = 0.0F;    ///< mean of what it differs by, of late
    uint32_t seen = 0;
    uint32_t far = 0;      ///< ticks in a row that it was an outlier
    uint32_t agreed = 0;   ///< ticks in a row that it agreed
    uint32_t run = 0;      ///< ticks in a row with the same value
    uint32_t longest = 0;  ///< of such runs
    uint32_t moves = 0;    ///< times the value changed
    Fault failure = Fault::none;
  };
  struct Pair {
    float spread = 0.0F;  ///< mean square of changes of the difference, halved: R_i + R_j
    uint32_t count = 0;
  };

  size_t take(const float* values, const bool* present);
  static void follow_run(Sensor& sensor);
  static Fault failure_of(const Sensor& sensor, bool stuck, bool drifts);
  static uint32_t counted(uint32_t count);
  size_t trusted_values(float* sorted) const;
  void find_outliers(float middle, size_t trusted);
  void find_outlier_of_two();
  void find_outlier_of_one();
  float allowed(const Sensor& sensor) const;
  void learn_offsets();
  void judge(float middle, bool can_tell);
  void judge_one(Sensor& sensor, float off, bool is_out);
  void measure_noise();
  void solve_noise();
  float solved(size_t index, float total, size_t known) const;
  void limit_noise();
  void fuse();
  void measure_unrest(float mean, float mean_noise2, uint32_t used);
  void write_faults();

  size_t count_;
  RedundantSettings settings_;
  Sensor sensors_[max_sensors];
  Pair pairs_[max_sensors * max_sensors];
  bool out_now_[max_sensors] = {};
  bool disputed_ = false;
  uint32_t ticks_ = 0;
  bool has_value_ = false;
  float value_ = 0.0F;
  float variance_ = 0.0F;
  float unrest_ = 0.0F;  ///< q, per tick
  float step1_ = 0.0F;   ///< mean square of the mean's change over one tick
  float step16_ = 0.0F;  ///< and over 16
  float means_[lag] = {};
  uint32_t mean_count_ = 0;
  uint32_t used_before_ = 0;
  RedundantOutput out_;
};

}  // namespace scalar
}  // namespace fusion
}  // namespace haltere
