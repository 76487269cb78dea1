#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// The gyroscope's latest orientations, for samples of other sensors that come late or tell of an
/// earlier moment: about 50 ms, or 16 samples of a slow gyroscope. Plain state.
struct History {
  static constexpr size_t capacity = 16;
  static constexpr int64_t spacing_ns = 3000000;     ///< closer ones replace the newest
  static constexpr int64_t lookahead_ns = 20000000;  ///< that the latest rate may bridge

  int64_t time_ns[capacity];
  Quat orientation[capacity];
  size_t newest;
  size_t count;

  void clear() {
    newest = 0;
    count = 0;
  }

  /// Adds the orientation at `now_ns`, later than the newest.
  void add(int64_t now_ns, const Quat& q) {
    // The newest always stands for now; it stays for good once the one before is old enough.
    const bool replace = count > 1 && time_ns[newest] - time_ns[before(newest)] < spacing_ns;
    if (!replace) {
      newest = count == 0 ? 0 : (newest + 1) % capacity;
      if (count < capacity) ++count;
    }
    time_ns[newest] = now_ns;
    orientation[newest] = q;
  }

  /// The orientation at `at_ns`, interpolated, or extrapolated by `rate_radps` by up to
  /// lookahead_ns. False when that is out of reach.
  bool find(int64_t at_ns, const Vec3& rate_radps, Quat* q) const {
    if (count == 0) return false;
    const int64_t ahead_ns = at_ns - time_ns[newest];
    if (ahead_ns > lookahead_ns) return false;
    if (ahead_ns >= 0) {
      const float ahead_s = 1e-9F * static_cast<float>(ahead_ns);
      *q = ahead_ns == 0 ? orientation[newest]
                         : normalized(orientation[newest] * from_turn(ahead_s * rate_radps));
      return true;
    }
    size_t later = newest;
    for (size_t i = 1; i < count; ++i) {
      const size_t earlier = before(later);
      if (time_ns[earlier] <= at_ns) {
        *q = between(earlier, later, at_ns);
        return true;
      }
      later = earlier;
    }
    // Just before the first sample: nothing is known to have turned.
    *q = orientation[later];
    return count < capacity && time_ns[later] - at_ns <= lookahead_ns;
  }

 private:
  static size_t before(size_t slot) { return (slot + capacity - 1) % capacity; }

  Quat between(size_t earlier, size_t later, int64_t at_ns) const {
    const float part = static_cast<float>(at_ns - time_ns[earlier]) /
                       static_cast<float>(time_ns[later] - time_ns[earlier]);
    const Quat& a = orientation[earlier];
    const Quat& b = orientation[later];
    // Neighbours are products of small turns, so on the same side.
    return normalized({a.w + part * (b.w - a.w), a.x + part * (b.x - a.x), a.y + part * (b.y - a.y),
                       a.z + part * (b.z - a.z)});
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
