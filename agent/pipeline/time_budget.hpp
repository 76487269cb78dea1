#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

namespace haltere::agent {

/// Keeps what a model learns within a share of one core: several share the machine, and it has
/// other work. Counts the processor time that learning took and, once a second, lets it take fewer
/// or more steps per window.
class TimeBudget {
 public:
  /// `share` of one core, above 0; `most_steps` per window.
  TimeBudget(double share, std::size_t most_steps) : share_(share), most_(most_steps) {}

  /// Learning a window took `spent` of processor time, at `now` of any steady clock. The steps per
  /// window to take from now on, when that changes.
  std::optional<std::size_t> add(std::chrono::nanoseconds spent, std::chrono::nanoseconds now);

  [[nodiscard]] std::size_t steps() const { return steps_; }

  /// Processor time of this thread so far.
  [[nodiscard]] static std::chrono::nanoseconds thread_time();

 private:
  double share_;
  std::size_t most_;
  std::size_t steps_ = most_;
  std::chrono::nanoseconds spent_{0};
  std::optional<std::chrono::nanoseconds> since_;
};

}  // namespace haltere::agent
