#pragma once

#include <vector>

#include "bench/contest.hpp"

namespace haltere::bench {

/// What the machine can do at most on one core, as contenders: their `rows` are the floating-point
/// operations or bytes of a call, so that 1 / best_ns is GFLOP/s or GB/s.
/// - fma: fused multiply-adds (two operations each) in registers, in the widest vectors of this CPU
/// - read: a sum over 64 MiB; update: 64 MiB read, scaled and written back (bytes counted once)
/// - cache_read, cache_update: the same over 1 MiB, the size of net c
[[nodiscard]] std::vector<Contender> machine_limits();

}  // namespace haltere::bench
