#include "sensors/burst_clock.hpp"

#include <algorithm>
#include <utility>

namespace haltere::sensors {

void BurstClock::stamp(TimeNs now_ns, std::span<Sample> samples) {
  if (samples.empty()) return;
  const auto count = static_cast<TimeNs>(samples.size());
  if (!std::exchange(running_, true)) last_ns_ = now_ns - count * period_ns_;
  const TimeNs expected_ns = last_ns_ + count * period_ns_;
  const TimeNs oldest_ns = std::max(now_ns - period_ns_, last_ns_ + count);
  const TimeNs newest_ns = std::clamp(expected_ns, oldest_ns, std::max(now_ns, oldest_ns));
  const TimeNs span_ns = newest_ns - last_ns_;
  for (TimeNs i = 0; i < count; ++i) {
    samples[static_cast<std::size_t>(i)].time_ns = last_ns_ + span_ns * (i + 1) / count;
  }
  last_ns_ = newest_ns;
}

TimeNs BurstClock::restart(TimeNs now_ns) {
  if (!std::exchange(running_, false)) return 0;
  return std::max<TimeNs>(0, (now_ns - last_ns_) / period_ns_);
}

}  // namespace haltere::sensors
