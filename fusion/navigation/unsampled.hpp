#pragma once

#include <array>
#include <cstddef>

#include "fusion/navigation/covariance.hpp"
#include "fusion/navigation/vector.hpp"
#include "sensors/sample.hpp"

namespace haltere::fusion::navigation {

/// What a sensor does between two samples is not known, only that it went from one to the other: at
/// once, or at the last instant, or any time between. The integral is then as uncertain as a
/// uniform distribution over `change` times the interval: its square / 12, along the change. Smooth
/// motion hardly changes from sample to sample; knocks do, which are over before the next sample,
/// or were beyond the sensor's range. Samples that repeat the one before, for none came, are no
/// samples: the interval grows until something changes. Plain state.
struct Interval {
  static constexpr double longest_s = 0.1;  ///< then it is a sensor at rest, coarsely quantized

  Vec3 change;  ///< newest that was any
  double held_s = 0.0;

  /// The next sample is `difference` off the one before it, `dt_s` earlier: by how much the
  /// integral over the interval so far may be wrong more than before, one deviation along `change`.
  /// Its square adds up over samples that are held.
  double widened(const Vec3& difference, double dt_s) {
    if (dot(difference, difference) > 0.0 || held_s + dt_s > longest_s) {
      change = difference;
      held_s = 0.0;
    }
    const double before_s = held_s;
    held_s += dt_s;
    return (held_s * held_s - before_s * before_s) / 12.0;
  }
};

/// Uncertainty of a velocity that reports of before it cannot tell of: a report is of some time
/// ago, and its filter takes the error of then for that of now. Kept back until that time has gone
/// by. Plain state.
class Pending {
 public:
  /// Adds `variance` times v v^T at `now_ns`; what is kept for about `delay_ns` stays in few parts.
  void add(sensors::TimeNs now_ns, sensors::TimeNs delay_ns, const Vec3& v, double variance) {
    const bool same = count_ > 0 && now_ns - newest().time_ns <
                                        delay_ns / static_cast<sensors::TimeNs>(parts_.size() - 2);
    if (!same) {
      next_ = (next_ + 1) % parts_.size();
      Part fresh{.time_ns = now_ns, .covariance = {}};
      // Where there is no room left the oldest goes on into the next.
      if (count_ == parts_.size())
        fresh.covariance = newest().covariance;
      else
        ++count_;
      newest() = fresh;
    }
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) newest().covariance(i, j) += variance * v[i] * v[j];
    }
  }

  /// Moves what is older than `delay_ns` into the velocity's part of `p`.
  void release(sensors::TimeNs now_ns, sensors::TimeNs delay_ns, Covariance& p) {
    for (; count_ > 0 && now_ns - oldest().time_ns > delay_ns; --count_) {
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 3; ++j) {
          p[part::count * (part::velocity + i) + part::velocity + j] += oldest().covariance(i, j);
        }
      }
    }
  }

  /// Of each axis, what was not released yet.
  [[nodiscard]] Vec3 variance() const {
    Vec3 sum;
    for (std::size_t k = 0; k < count_; ++k) {
      const Part& kept = parts_[(next_ + parts_.size() - k) % parts_.size()];
      for (std::size_t i = 0; i < 3; ++i) sum[i] += kept.covariance(i, i);
    }
    return sum;
  }

 private:
  struct Part {
    sensors::TimeNs time_ns = 0;
    Mat3 covariance;
  };

  Part& newest() { return parts_[next_]; }
  Part& oldest() { return parts_[(next_ + parts_.size() + 1 - count_) % parts_.size()]; }

  std::array<Part, 16> parts_{};
  std::size_t next_ = 0;  // of the newest
  std::size_t count_ = 0;
};

}  // namespace haltere::fusion::navigation
