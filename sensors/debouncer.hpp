#pragma once

#include <optional>
#include <utility>

#include "sensors/gpio_line.hpp"

namespace haltere::sensors {

/// Lets a change of state through once it has lasted, with the time at which it began. Pure.
class Debouncer {
 public:
  /// Starts in the state `active`. 0 lets every edge through.
  Debouncer(bool active, TimeNs hold_ns) : active_(active), hold_ns_(hold_ns) {}

  /// Takes the next edge; the change before it is returned if it lasted until then.
  std::optional<GpioEdge> take(const GpioEdge& edge) {
    const std::optional<GpioEdge> settled = settle(edge.time_ns);
    if (edge.active == active_) {
      pending_.reset();
    } else if (!pending_) {
      pending_ = edge;
    }
    return settled;
  }

  /// The change under way, if it has lasted by `now_ns`.
  std::optional<GpioEdge> settle(TimeNs now_ns) {
    if (!pending_ || now_ns - pending_->time_ns < hold_ns_) return std::nullopt;
    active_ = pending_->active;
    return std::exchange(pending_, std::nullopt);
  }

  /// State after the last change let through.
  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] bool pending() const { return pending_.has_value(); }

 private:
  bool active_;
  TimeNs hold_ns_;
  std::optional<GpioEdge> pending_;
};

}  // namespace haltere::sensors
