#pragma once

#include <stddef.h>
#include <stdint.h>

#include "mcu/firmware/debounce.hpp"
#include "mcu/firmware/sensor.hpp"
#include "models/kernels/bundle_view.hpp"

namespace haltere {
namespace firmware {

/// What the active model sees of the device's own sensor: keeps the window, computes its features,
/// counts what came of it. All its memory is a region of the arena, of a size known before.
class Watch {
 public:
  /// Bytes of the region that `view` needs, a multiple of 8.
  static uint32_t region_bytes(const kernels::BundleView& view);

  /// Whether `sensor` has all channels that `view` wants, by their names.
  static bool has_channels(const kernels::BundleView& view, const Sensor& sensor);

  /// Begins with an empty window and no counts. `region` [region_bytes], 8-aligned.
  void start(const kernels::BundleView& view, const Sensor& sensor, uint8_t* region);
  void stop() { on_ = false; }
  bool on() const { return on_; }

  /// The window starts anew: samples are missing.
  void forget() { due_ = window_samples_; }

  /// Adds the next sample. True when a window is due.
  bool add(const int16_t* sample);

  /// Computes the features [inputs] of the window.
  const float* features(const Sensor& sensor);

  /// Counts a judged window by its quantized inputs. True when the decision changed.
  bool count(const kernels::Verdict& verdict, const int8_t* inputs);

  Debounce& debounce() { return debounce_; }
  const Debounce& debounce() const { return debounce_; }

  uint32_t windows() const { return windows_; }
  uint32_t changes() const { return changes_; }
  uint32_t saturated() const { return saturated_; }
  uint16_t counts() const { return counts_; }
  const uint8_t* histogram() const {
    return static_cast<const uint8_t*>(static_cast<const void*>(histogram_));
  }

  /// `score` of a verdict in the model's own unit, and the mean of all.
  float score(int32_t score) const;
  float mean_score() const;

  /// Mean and deviation of normalised input `index` over the last 32,768 to 65,536 windows.
  link::InputDrift drift(uint16_t index) const;
  uint32_t drift_windows() const { return drift_windows_; }

 private:
  void count_inputs(const int8_t* inputs);
  /// Window of a channel, oldest first, to samples [window_samples].
  void copy_channel(uint16_t channel, const Sensor& sensor, float* samples) const;

  kernels::BundleView view_ = {};
  bool on_ = false;
  uint16_t window_samples_ = 0;
  uint16_t next_ = 0;  // place of the next sample in the ring
  uint16_t due_ = 0;   // samples until the next window
  uint16_t counts_ = 0;
  Debounce debounce_;
  uint32_t windows_ = 0;
  uint32_t changes_ = 0;
  uint32_t saturated_ = 0;
  uint32_t drift_windows_ = 0;
  int64_t score_sum_ = 0;

  // The region, in its order.
  int32_t* sums_ = nullptr;            // [inputs], of quantized inputs
  uint32_t* squares_ = nullptr;        // [inputs]
  uint32_t* histogram_ = nullptr;      // [counts]
  float* features_ = nullptr;          // [inputs]
  float* samples_ = nullptr;           // [window_samples], of every channel where vectors need them
  float* scratch_ = nullptr;           // of the recipe
  int16_t* ring_ = nullptr;            // [window_samples][channels]
  uint8_t* sensor_channel_ = nullptr;  // [channels]: which of the sensor's it is
};

}  // namespace firmware
}  // namespace haltere
