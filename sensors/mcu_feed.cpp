#include "sensors/mcu_feed.hpp"

#include <algorithm>
#include <utility>

namespace haltere::sensors {

McuFeed::McuFeed(Wanted wanted, std::size_t capacity)
    : wanted_(std::move(wanted)),
      capacity_(capacity),
      ended_(Error{ErrorKind::unavailable, "the microcontroller has not answered yet"}) {}

void McuFeed::begin() {
  const std::scoped_lock lock(mutex_);
  ended_.reset();
  starts_ = true;
}

void McuFeed::put(std::uint64_t number, std::span<const float> values) {
  const std::scoped_lock lock(mutex_);
  // The first that is left tells that numbers began anew, should that one have to go.
  if (entries_.size() == capacity_) {
    const bool started = entries_.front().starts;
    entries_.pop_front();
    if (!entries_.empty()) entries_.front().starts = entries_.front().starts || started;
  }
  Entry& entry = entries_.emplace_back();
  entry.number = number;
  entry.starts = std::exchange(starts_, false);
  std::ranges::copy(values.first(std::min(values.size(), entry.values.size())),
                    entry.values.begin());
  bell_.ring();
}

void McuFeed::end(Error why) {
  const std::scoped_lock lock(mutex_);
  ended_ = std::move(why);
  bell_.ring();
}

Status McuFeed::alive() const {
  const std::scoped_lock lock(mutex_);
  return ended_ ? Status(*ended_) : Status();
}

void McuFeed::take(std::vector<Entry>& entries) {
  const std::scoped_lock lock(mutex_);
  bell_.clear();
  entries.insert(entries.end(), entries_.begin(), entries_.end());
  entries_.clear();
}

}  // namespace haltere::sensors
