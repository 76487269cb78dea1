#include "agent/pipeline/time_order.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace haltere::agent {

TimeOrder::TimeOrder(std::size_t sensors, std::size_t capacity, std::chrono::nanoseconds patience)
    : lanes_(sensors), patience_(std::chrono::duration_cast<Clock::duration>(patience)) {
  for (Lane& lane : lanes_) lane.ring.resize(capacity);
}

bool TimeOrder::is_full(std::size_t sensor) const {
  return lanes_[sensor].count == lanes_[sensor].ring.size();
}

void TimeOrder::add(const sensors::Sample& sample, Clock::time_point now) {
  assert(!is_full(sample.sensor));
  Lane& lane = lanes_[sample.sensor];
  lane.ring[(lane.first + lane.count) % lane.ring.size()] = {
      .sample = sample, .after_drop = std::exchange(lane.dropped, false), .due = now + patience_};
  ++lane.count;
}

std::optional<TimeOrder::Clock::time_point> TimeOrder::due() const {
  std::optional<Clock::time_point> due;
  for (const Lane& lane : lanes_) {
    if (lane.count == 0) continue;
    const Clock::time_point own = lane.ring[lane.first].due;
    due = due ? std::min(*due, own) : own;
  }
  return due;
}

bool TimeOrder::next(Entry& entry, Clock::time_point now) {
  const bool all_wait =
      std::ranges::none_of(lanes_, [](const Lane& lane) { return lane.count == 0; });
  if (all_wait) return next_anyway(entry);
  // What has waited long enough goes, and what is older before it.
  const auto first_due = due();
  return first_due && *first_due <= now && next_anyway(entry);
}

bool TimeOrder::next_anyway(Entry& entry) {
  Lane* oldest = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.count == 0) continue;
    const bool older = oldest == nullptr || lane.ring[lane.first].sample.time_ns <
                                                oldest->ring[oldest->first].sample.time_ns;
    if (older) oldest = &lane;
  }
  if (oldest == nullptr) return false;
  entry = oldest->ring[oldest->first];
  oldest->first = (oldest->first + 1) % oldest->ring.size();
  --oldest->count;
  return true;
}

}  // namespace haltere::agent
