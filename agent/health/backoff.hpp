#pragma once

#include <algorithm>
#include <chrono>

#include "config/result.hpp"

namespace haltere::agent {

/// How long to leave something alone after it failed, again and again: doubling, capped.
class Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  static constexpr Duration first{250};
  /// Looking whether a device is there again costs nothing, and its user is waiting for it.
  static constexpr Duration longest_absent{2000};
  static constexpr Duration longest{60'000};

  /// The wait after a failure of `kind`.
  Duration next(ErrorKind kind) {
    const bool absent = kind == ErrorKind::not_found || kind == ErrorKind::unavailable;
    const Duration wait = std::min(next_, absent ? longest_absent : longest);
    next_ = std::min(next_ * 2, longest);
    return wait;
  }
  void reset() { next_ = first; }

 private:
  Duration next_ = first;
};

}  // namespace haltere::agent
