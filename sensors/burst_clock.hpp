#pragma once

#include <span>

#include "sensors/sample.hpp"

namespace haltere::sensors {

/// Times samples that a FIFO collected at a steady rate and gave out in bursts. The newest sample
/// of a burst is at most one period old; between bursts the clock runs on, so that samples stay
/// evenly spaced although bursts come late, and it follows the chip's own oscillator.
class BurstClock {
 public:
  explicit BurstClock(TimeNs period_ns) : period_ns_(period_ns) {}

  /// Sets `time_ns` of `samples`, all that the FIFO held at `now_ns`, oldest first. Times increase
  /// strictly over bursts.
  void stamp(TimeNs now_ns, std::span<Sample> samples);

  /// Samples were lost: the next burst starts a new timeline. Returns how many fit between the last
  /// sample and `now_ns`.
  [[nodiscard]] TimeNs restart(TimeNs now_ns);

  /// Whether the next burst is the first of a timeline.
  [[nodiscard]] bool restarted() const { return !running_; }

 private:
  TimeNs period_ns_;
  TimeNs last_ns_ = 0;
  bool running_ = false;
};

}  // namespace haltere::sensors
