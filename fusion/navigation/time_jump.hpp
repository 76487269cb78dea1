#pragma once

#include <cstdint>

#include "sensors/sample.hpp"

namespace haltere::fusion::navigation {

/// Whether a row at `now_ns` after one at `before_ns` is by another clock: more than half a second
/// back is no row out of order, more than an hour ahead no gap.
constexpr bool is_another_clock(sensors::TimeNs before_ns, sensors::TimeNs now_ns) {
  constexpr std::uint64_t back_ns = 500'000'000;
  constexpr std::uint64_t ahead_ns = 3'600'000'000'000;
  // Unsigned, because the difference of any two times fits and never overflows.
  const auto now = static_cast<std::uint64_t>(now_ns);
  const auto before = static_cast<std::uint64_t>(before_ns);
  return now_ns < before_ns ? before - now > back_ns : now - before > ahead_ns;
}

}  // namespace haltere::fusion::navigation
