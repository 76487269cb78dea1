#pragma once

#include <stdint.h>

namespace haltere {
namespace firmware {

/// When samples are due, and which are lost: for sensors that are read by the clock. As many as a
/// sensor's FIFO would hold may wait.
class SampleClock {
 public:
  void start(uint64_t now_ticks, uint64_t period_ticks) {
    next_due_ = now_ticks + period_ticks;
    period_ = period_ticks;
    next_number_ = 0;
  }

  /// Ticks until a sample is due; 0: one is.
  uint64_t ticks_left(uint64_t now_ticks) const {
    return now_ticks < next_due_ ? next_due_ - now_ticks : 0;
  }

  /// Takes the number of the oldest sample that waits; false: none does.
  bool take(uint64_t now_ticks, uint32_t& number) {
    if (ticks_left(now_ticks) > 0) return false;
    const uint64_t waiting = (now_ticks - next_due_) / period_ + 1;
    if (waiting > fifo_samples) {
      const uint64_t lost = waiting - fifo_samples;
      next_number_ += static_cast<uint32_t>(lost);
      next_due_ += lost * period_;
    }
    number = next_number_++;
    next_due_ += period_;
    return true;
  }

 private:
  static constexpr uint64_t fifo_samples = 128;
  uint64_t next_due_ = 0;
  uint64_t period_ = 1;
  uint32_t next_number_ = 0;
};

}  // namespace firmware
}  // namespace haltere
