#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "sensors/sample.hpp"

namespace haltere::agent {

/// Puts samples of several sensors into the order of their times, the first sensor first among
/// equals: the order in which a replay of their recordings takes them. A sample waits until every
/// other sensor has one waiting too, or for `patience` after it arrived, whichever comes first.
/// Samples of one sensor keep their order. One thread; allocates nothing after construction.
class TimeOrder {
 public:
  using Clock = std::chrono::steady_clock;

  /// A sample on its way out.
  struct Entry {
    sensors::Sample sample;
    bool after_drop = false;  ///< samples of this sensor just before it were lost
    Clock::time_point due;    ///< when it goes at the latest
  };

  /// `capacity`: samples per sensor that may wait, at least 1.
  TimeOrder(std::size_t sensors, std::size_t capacity, std::chrono::nanoseconds patience);

  /// Whether nothing of `sensor` can be added before something is taken out.
  [[nodiscard]] bool is_full(std::size_t sensor) const;

  /// `sample.sensor` must not be full.
  void add(const sensors::Sample& sample, Clock::time_point now);

  /// The next sample of `sensor` to be added comes after a hole.
  void note_drop(std::size_t sensor) { lanes_[sensor].dropped = true; }

  /// Takes out the next sample that may go; false if there is none.
  bool next(Entry& entry, Clock::time_point now);

  /// Takes out the next sample, waited for or not; false if there is none.
  bool next_anyway(Entry& entry);

  /// When a sample has waited long enough; nothing while none waits.
  [[nodiscard]] std::optional<Clock::time_point> due() const;

 private:
  /// A ring of what waits of one sensor.
  struct Lane {
    std::vector<Entry> ring;
    std::size_t first = 0;
    std::size_t count = 0;
    bool dropped = false;
  };

  std::vector<Lane> lanes_;
  Clock::duration patience_;
};

}  // namespace haltere::agent
