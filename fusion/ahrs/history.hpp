#pragma once

#include <stddef.h>
#include <stdint.h>

#include "fusion/ahrs/vector.hpp"

namespace haltere {
namespace fusion {
namespace ahrs {

/// The gyroscope's orientations before its newest, for samples of other sensors that come late or
/// tell of an earlier moment: about 50 ms, or 6 samples of a slow gyroscope. Quaternions are in
/// steps of 1/32767 (0.003 degrees), stamps are the low half in ns. Plain state.
struct History {
  static constexpr uint8_t capacity = 6;
  static constexpr uint32_t spacing_ns = 8000000;    ///< closer ones replace the newest
  static constexpr int64_t lookahead_ns = 20000000;  ///< that the latest rate may bridge
  static constexpr int64_t reach_ns = 1000000000;    ///< at most

  struct Entry {
    uint32_t time_ns;
    int16_t q[4];
  };
  Entry entry[capacity];
  uint8_t newest;
  uint8_t count;

  void clear() {
    newest = 0;
    count = 0;
  }

  /// Keeps the orientation `q` of `time_ns`, which another follows now.
  void add(int64_t time_ns, const Quat& q) {
    const auto low = static_cast<uint32_t>(time_ns);
    // The newest stays for good once the one before is old enough.
    const bool replace =
        count > 1 && entry[newest].time_ns - entry[before(newest)].time_ns < spacing_ns;
    if (!replace) {
      newest = count == 0 ? uint8_t{0} : static_cast<uint8_t>((newest + 1U) % capacity);
      if (count < capacity) ++count;
    }
    Entry& kept = entry[newest];
    kept.time_ns = low;
    kept.q[0] = rounded(32767.0F * q.w);
    kept.q[1] = rounded(32767.0F * q.x);
    kept.q[2] = rounded(32767.0F * q.y);
    kept.q[3] = rounded(32767.0F * q.z);
  }

  /// The orientation `age_ns` > 0 before `now_ns`, when it is `now`; interpolated. False when that
  /// is out of reach. Stamps in here are less than `reach_ns` apart from one to the next.
  bool find(int64_t now_ns, const Quat& now, int64_t age_ns, Quat* q) const {
    if (age_ns > reach_ns) return false;
    auto later_ns = static_cast<uint32_t>(now_ns);
    Quat later = now;
    auto left_ns = static_cast<uint32_t>(age_ns);
    uint8_t at = newest;
    for (uint8_t i = 0; i < count; ++i, at = before(at)) {
      const Quat earlier = unpacked(entry[at]);
      const uint32_t step_ns = later_ns - entry[at].time_ns;
      if (left_ns <= step_ns) {
        const float part = static_cast<float>(left_ns) / static_cast<float>(step_ns);
        *q = between(later, earlier, part);
        return true;
      }
      left_ns -= step_ns;
      later_ns = entry[at].time_ns;
      later = earlier;
    }
    return false;
  }

 private:
  static uint8_t before(uint8_t i) {
    return i == 0 ? uint8_t{capacity - 1} : static_cast<uint8_t>(i - 1U);
  }

  static Quat unpacked(const Entry& e) {
    constexpr float step = 1 / 32767.0F;
    return {step * static_cast<float>(e.q[0]), step * static_cast<float>(e.q[1]),
            step * static_cast<float>(e.q[2]), step * static_cast<float>(e.q[3])};
  }
  // Neighbours are products of small turns, so on the same side.
  static Quat between(const Quat& a, const Quat& b, float part) {
    return normalized({a.w + part * (b.w - a.w), a.x + part * (b.x - a.x), a.y + part * (b.y - a.y),
                       a.z + part * (b.z - a.z)});
  }
};

}  // namespace ahrs
}  // namespace fusion
}  // namespace haltere
