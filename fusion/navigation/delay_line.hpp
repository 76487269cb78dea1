#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "fusion/navigation/vector.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion::navigation {

/// Where something was at a time, and how fast it moved.
struct Moment {
  sensors::TimeNs time_ns = 0;
  Vec3 position_m;
  Vec3 velocity_mps;
};

/// The last second, for measurements that come late. Plain: copied bit for bit.
class DelayLine {
 public:
  static constexpr sensors::TimeNs spacing_ns = 8'000'000;

  void clear() { count_ = 0; }

  /// Takes a moment after those before; of closely spaced ones the first of each 8 ms.
  void add(const Moment& moment) {
    if (count_ > 0 && moment.time_ns - at(count_ - 1).time_ns < spacing_ns) return;
    next_ = (next_ + 1) % moments_.size();
    moments_[(next_ + moments_.size() - 1) % moments_.size()] = moment;
    count_ = std::min(count_ + 1, moments_.size());
  }

  /// What was at `time_ns`, on a line to the next moment, of which `newest` is the last. False if
  /// that is before all moments or after `newest`.
  [[nodiscard]] bool find(sensors::TimeNs time_ns, const Moment& newest, Moment& found) const {
    Moment after = newest;
    if (time_ns > newest.time_ns) return false;
    for (std::size_t i = count_; i > 0; --i) {
      const Moment& before = at(i - 1);
      if (before.time_ns <= time_ns) {
        found = on_line(before, after, time_ns);
        return true;
      }
      after = before;
    }
    found = newest;
    return time_ns == newest.time_ns;
  }

  /// All was further by `position_m`, and faster by `velocity_mps`, than thought until `now_ns`.
  void shift(sensors::TimeNs now_ns, const Vec3& position_m, const Vec3& velocity_mps) {
    for (Moment& moment : moments_) {
      const double ago_s = 1e-9 * static_cast<double>(now_ns - moment.time_ns);
      moment.position_m = moment.position_m + position_m - ago_s * velocity_mps;
      moment.velocity_mps = moment.velocity_mps + velocity_mps;
    }
  }

 private:
  // The i-th of `count_`, oldest first.
  [[nodiscard]] const Moment& at(std::size_t i) const {
    return moments_[(next_ + moments_.size() - count_ + i) % moments_.size()];
  }

  static Moment on_line(const Moment& a, const Moment& b, sensors::TimeNs time_ns) {
    if (b.time_ns <= a.time_ns) return a;
    const double share =
        static_cast<double>(time_ns - a.time_ns) / static_cast<double>(b.time_ns - a.time_ns);
    return {time_ns, a.position_m + share * (b.position_m - a.position_m),
            a.velocity_mps + share * (b.velocity_mps - a.velocity_mps)};
  }

  std::array<Moment, 128> moments_{};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
};

}  // namespace haltere::fusion::navigation
