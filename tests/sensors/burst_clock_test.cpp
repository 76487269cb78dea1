#include "sensors/burst_clock.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace haltere::sensors {
namespace {

constexpr TimeNs ms = 1'000'000;

TEST(BurstClock, SpreadsTheFirstBurstOverTheTimeItCovered) {
  BurstClock clock(10 * ms);
  std::vector<Sample> samples(3);
  EXPECT_TRUE(clock.restarted());
  clock.stamp(1000 * ms, samples);
  EXPECT_FALSE(clock.restarted());
  EXPECT_EQ(samples[0].time_ns, 980 * ms);
  EXPECT_EQ(samples[2].time_ns, 1000 * ms);
}

TEST(BurstClock, StaysEvenAndTrueOverLateReadsAndAWrongOscillator) {
  constexpr unsigned seed = 20261121;
  SCOPED_TRACE(seed);
  for (const double error : {-0.02, 0.0, 0.02}) {
    std::mt19937 random(seed);
    const auto true_period = static_cast<TimeNs>(10 * ms * (1.0 + error));
    BurstClock clock(10 * ms);
    TimeNs now = 0;
    TimeNs previous = -1;
    std::int64_t made = 0;
    for (int burst = 0; burst < 500; ++burst) {
      now += 50 * ms + static_cast<TimeNs>(random() % (40 * ms));
      std::vector<Sample> samples(static_cast<std::size_t>(now / true_period - made));
      clock.stamp(now, samples);
      for (const Sample& sample : samples) {
        const TimeNs truth = ++made * true_period;
        EXPECT_GT(sample.time_ns, previous);
        EXPECT_LE(sample.time_ns, now);
        EXPECT_NEAR(static_cast<double>(sample.time_ns - truth), 0.0, 13.0 * ms) << error;
        previous = sample.time_ns;
      }
    }
  }
}

TEST(BurstClock, CountsWhatFitsIntoAGap) {
  BurstClock clock(10 * ms);
  std::vector<Sample> samples(2);
  clock.stamp(100 * ms, samples);
  EXPECT_EQ(clock.restart(1000 * ms), 90);
  EXPECT_TRUE(clock.restarted());
  EXPECT_EQ(clock.restart(2000 * ms), 0);
  clock.stamp(2000 * ms, samples);
  EXPECT_EQ(samples[0].time_ns, 1990 * ms);
}

TEST(BurstClock, NeverRunsBackwards) {
  BurstClock clock(10 * ms);
  std::vector<Sample> samples(4);
  clock.stamp(100 * ms, samples);
  const TimeNs last = samples[3].time_ns;
  clock.stamp(100 * ms + 1, samples);
  EXPECT_GT(samples[0].time_ns, last);
}

}  // namespace
}  // namespace haltere::sensors
