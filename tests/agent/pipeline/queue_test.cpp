#include "agent/pipeline/queue.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

#include "sensors/doorbell.hpp"

namespace haltere::agent {
namespace {

sensors::Sample numbered(std::int64_t n) {
  sensors::Sample sample;
  sample.time_ns = n;
  sample.count = static_cast<std::uint8_t>(sample.values.size());
  sample.values.fill(static_cast<float>(n % 4096));
  return sample;
}

bool is_whole(const sensors::Sample& sample) {
  const auto expected = static_cast<float>(sample.time_ns % 4096);
  for (const float value : sample.values) {
    if (value != expected) return false;
  }
  return true;
}

TEST(SampleQueue, deliversInOrderUntilEmpty) {
  SampleQueue queue(8);
  for (int n = 0; n < 5; ++n) EXPECT_TRUE(queue.push(numbered(n)));
  sensors::Sample sample;
  bool after_drop = false;
  for (int n = 0; n < 5; ++n) {
    ASSERT_TRUE(queue.pop(sample, after_drop));
    EXPECT_EQ(sample.time_ns, n);
  }
  EXPECT_FALSE(queue.pop(sample, after_drop));
  EXPECT_FALSE(after_drop);
  EXPECT_EQ(queue.dropped(), 0U);
}

TEST(SampleQueue, dropsTheOldestWhenFullAndCountsIt) {
  SampleQueue queue(4);
  for (int n = 0; n < 7; ++n) EXPECT_EQ(queue.push(numbered(n)), n < 4);
  EXPECT_EQ(queue.dropped(), 3U);
  sensors::Sample sample;
  bool after_drop = false;
  ASSERT_TRUE(queue.pop(sample, after_drop));
  EXPECT_EQ(sample.time_ns, 3);
  EXPECT_TRUE(after_drop) << "samples 0 to 2 are missing before it";
  after_drop = false;
  ASSERT_TRUE(queue.pop(sample, after_drop));
  EXPECT_FALSE(after_drop);
}

TEST(SampleQueue, overwritingUnderTheConsumerNeverTearsOrLosesUncounted) {
  constexpr std::int64_t total = 200'000;
  SampleQueue queue(16);
  const sensors::Doorbell bell;
  std::thread producer([&] {
    for (std::int64_t n = 0; n < total; ++n) {
      queue.push(numbered(n));
      if (n % 64 == 63 || n + 1 == total) bell.ring();
    }
  });
  std::int64_t received = 0;
  std::int64_t last = -1;
  while (last + 1 < total) {
    bell.wait(1000);
    bell.clear();
    sensors::Sample sample;
    bool after_drop = false;
    while (queue.pop(sample, after_drop)) {
      ASSERT_GT(sample.time_ns, last);
      ASSERT_TRUE(is_whole(sample));
      ASSERT_EQ(after_drop, sample.time_ns != last + 1);
      after_drop = false;
      last = sample.time_ns;
      ++received;
    }
  }
  producer.join();
  EXPECT_EQ(static_cast<std::uint64_t>(total - received), queue.dropped());
}

}  // namespace
}  // namespace haltere::agent
