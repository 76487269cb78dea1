// A remote clock that drifts, over lines that delay every sample by another time.
#include "fusion/clock_map.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace haltere::fusion {
namespace {

using sensors::TimeNs;

constexpr unsigned seed = 20261122;
constexpr TimeNs ms = 1'000'000;
constexpr TimeNs s = 1'000'000'000;
constexpr TimeNs period = 10'007'000;  // beats with every other period

/// A board at 100 Hz whose clock is `skew` too slow and was started at another time.
struct Remote {
  double skew = 50e-6;
  TimeNs offset_ns = 1'234'567'891'234;
  [[nodiscard]] TimeNs at(TimeNs host_ns) const {
    return host_ns - static_cast<TimeNs>(skew * static_cast<double>(host_ns)) - offset_ns;
  }
};

/// Largest |stamp - truth| after `settle_s`, over 300 s; `delay_ns(host_ns)` says how long each
/// takes.
template <typename Delay>
double worst_error_s(const Remote& remote, Delay delay_ns, TimeNs settle_ns = 20 * s) {
  ClockMap map;
  TimeNs worst = 0;
  TimeNs arrived = 0;
  for (TimeNs host = 0; host < 300 * s; host += period) {
    arrived = std::max(arrived, host + delay_ns(host));  // a serial line keeps the order
    const TimeNs stamped = map.stamp(remote.at(host), arrived);
    if (host > settle_ns) worst = std::max(worst, std::abs(stamped - host));
  }
  return 1e-9 * static_cast<double>(worst);
}

class Jitter {
 public:
  TimeNs uniform(TimeNs most) {
    return static_cast<TimeNs>(random_() % static_cast<std::uint64_t>(most));
  }
  TimeNs heavy_tailed() {
    const double u = (static_cast<double>(random_() >> 11U) + 1.0) / 9007199254740993.0;
    return std::min(static_cast<TimeNs>(-3e6 * std::log(u)), 20 * ms);
  }

 private:
  std::mt19937_64 random_{seed};
};

TEST(ClockMap, is_within_half_a_millisecond_over_uniform_jitter_of_20_ms) {
  Jitter jitter;
  EXPECT_LT(worst_error_s({}, [&](TimeNs) { return ms / 10 + jitter.uniform(20 * ms); }), 0.5e-3);
}

TEST(ClockMap, is_within_half_a_millisecond_over_a_heavy_tail) {
  Jitter jitter;
  EXPECT_LT(worst_error_s({}, [&](TimeNs) { return ms / 10 + jitter.heavy_tailed(); }), 0.5e-3);
}

// A USB converter hands over every 16 ms what came since. That beats with the samples, so that fast
// ones come in bouts: once the window is full. What a transfer itself takes differs by up to a
// frame of USB; all of its samples arrive together.
TEST(ClockMap, is_within_half_a_millisecond_over_a_latency_timer) {
  const auto delay = [](TimeNs host) {
    const TimeNs timer = 16 * ms;
    std::mt19937_64 transfer(seed + static_cast<std::uint64_t>(host / timer));
    return timer - host % timer + ms / 10 + static_cast<TimeNs>(transfer() % ms);
  };
  EXPECT_LT(worst_error_s({}, delay, 64 * s), 0.5e-3);
}

// Other converters send each line by itself once the timer wakes them.
TEST(ClockMap, is_within_half_a_millisecond_where_each_line_is_a_transfer) {
  Jitter jitter;
  const auto delay = [&](TimeNs host) {
    return 16 * ms - host % (16 * ms) + ms / 10 + jitter.uniform(ms);
  };
  EXPECT_LT(worst_error_s({}, delay, 64 * s), 0.5e-3);
}

TEST(ClockMap, follows_a_clock_that_is_too_fast_too) {
  Jitter jitter;
  EXPECT_LT(worst_error_s({.skew = -50e-6, .offset_ns = -5 * s},
                          [&](TimeNs) { return jitter.uniform(20 * ms); }),
            0.5e-3);
}

// A crystal that warms up: its skew moves from 20 to 80 ppm in the 300 s.
TEST(ClockMap, follows_a_skew_that_wanders) {
  Jitter jitter;
  ClockMap map;
  double remote_ns = 0.0;
  TimeNs worst = 0;
  for (TimeNs host = 0; host < 300 * s; host += period) {
    const double skew = 20e-6 + 60e-6 * static_cast<double>(host) / static_cast<double>(300 * s);
    remote_ns += (1.0 - skew) * static_cast<double>(period);
    const TimeNs stamped =
        map.stamp(static_cast<TimeNs>(remote_ns), host + jitter.uniform(20 * ms));
    if (host > 20 * s) worst = std::max(worst, std::abs(stamped - host));
  }
  EXPECT_LT(worst, ms / 2);
}

TEST(ClockMap, estimates_the_skew) {
  Jitter jitter;
  ClockMap map;
  const Remote remote;
  for (TimeNs host = 0; host < 100 * s; host += period) {
    map.stamp(remote.at(host), host + jitter.uniform(20 * ms));
  }
  EXPECT_NEAR(map.skew(), 50e-6, 10e-6);
}

TEST(ClockMap, never_stamps_after_the_arrival_nor_backward) {
  Jitter jitter;
  ClockMap map;
  const Remote remote;
  TimeNs before = std::numeric_limits<TimeNs>::min();
  for (TimeNs host = 0; host < 60 * s; host += period) {
    const TimeNs arrival = host + jitter.uniform(20 * ms);
    const TimeNs stamped = map.stamp(remote.at(host), arrival);
    ASSERT_LE(stamped, arrival);
    ASSERT_GE(stamped, std::min(before, arrival));
    before = stamped;
  }
}

TEST(ClockMap, starts_anew_when_the_remote_clock_does) {
  ClockMap map;
  Jitter jitter;
  for (TimeNs host = 0; host < 30 * s; host += period) map.stamp(host, host + jitter.uniform(ms));
  TimeNs worst = 0;
  for (TimeNs host = 30 * s; host < 60 * s; host += period) {
    const TimeNs stamped = map.stamp(host - 30 * s, host + jitter.uniform(ms));
    worst = std::max(worst, std::abs(stamped - host));
  }
  EXPECT_EQ(map.restarts(), 1U);
  EXPECT_LT(worst, ms);
}

TEST(ClockMap, takes_any_pair_of_times) {
  std::mt19937_64 random(seed);
  ClockMap map;
  for (int i = 0; i < 20000; ++i) {
    const auto time = [&random] {
      const auto any = static_cast<TimeNs>(random());
      switch (random() % 4U) {
        case 0: return any;
        case 1: return any % s;
        case 2: return std::numeric_limits<TimeNs>::max();
        default: return std::numeric_limits<TimeNs>::min();
      }
    };
    const TimeNs remote = time();
    map.stamp(remote, time());
    ASSERT_LE(std::abs(map.skew()), 500e-6);
  }
}

}  // namespace
}  // namespace haltere::fusion
