#include "agent/pipeline/time_order.hpp"

#include <gtest/gtest.h>

#include <string>

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;

constexpr TimeOrder::Clock::time_point start{};
constexpr std::chrono::milliseconds patience{100};

sensors::Sample sample_of(std::uint16_t sensor, sensors::TimeNs time_ns) {
  sensors::Sample sample;
  sample.sensor = sensor;
  sample.time_ns = time_ns;
  return sample;
}

/// What goes at `now`, as "SENSOR@TIME " each; `!` after a hole.
std::string out(TimeOrder& order, TimeOrder::Clock::time_point now) {
  std::string text;
  TimeOrder::Entry entry;
  while (order.next(entry, now)) {
    text += std::to_string(entry.sample.sensor) + "@" + std::to_string(entry.sample.time_ns) +
            (entry.after_drop ? "! " : " ");
  }
  return text;
}

TEST(TimeOrder, letsTheOldestGoWhileAllHaveOne) {
  TimeOrder order(2, 8, patience);
  order.add(sample_of(0, 10), start);
  order.add(sample_of(0, 20), start);
  EXPECT_EQ(out(order, start), "");
  order.add(sample_of(1, 15), start);
  EXPECT_EQ(out(order, start), "0@10 1@15 ");
}

TEST(TimeOrder, takesTheFirstSensorFirstAmongEquals) {
  TimeOrder order(2, 8, patience);
  order.add(sample_of(1, 10), start);
  order.add(sample_of(0, 10), start);
  EXPECT_EQ(out(order, start + patience), "0@10 1@10 ");
}

TEST(TimeOrder, waitsNoLongerThanItsPatience) {
  TimeOrder order(2, 8, patience);
  EXPECT_FALSE(order.due());
  order.add(sample_of(0, 10), start);
  order.add(sample_of(0, 20), start + 50ms);
  EXPECT_EQ(order.due(), start + patience);
  EXPECT_EQ(out(order, start + patience - 1ms), "");
  EXPECT_EQ(out(order, start + patience), "0@10 ");
  EXPECT_EQ(order.due(), start + 50ms + patience);
}

TEST(TimeOrder, keepsTheOrderOfOneSensorWhoseClockWentBack) {
  TimeOrder order(2, 8, patience);
  order.add(sample_of(0, 50), start);
  order.add(sample_of(0, 5), start);
  order.add(sample_of(1, 60), start);
  EXPECT_EQ(out(order, start + patience), "0@50 0@5 1@60 ");
}

TEST(TimeOrder, saysAfterWhichSampleAHoleIs) {
  TimeOrder order(1, 8, patience);
  order.add(sample_of(0, 1), start);
  order.note_drop(0);
  order.add(sample_of(0, 9), start);
  order.add(sample_of(0, 10), start);
  EXPECT_EQ(out(order, start), "0@1 0@9! 0@10 ");
}

TEST(TimeOrder, isFullAtItsCapacityAndGivesUpTheOldestThen) {
  TimeOrder order(2, 2, patience);
  order.add(sample_of(0, 1), start);
  EXPECT_FALSE(order.is_full(0));
  order.add(sample_of(0, 2), start);
  EXPECT_TRUE(order.is_full(0));
  EXPECT_FALSE(order.is_full(1));
  TimeOrder::Entry entry;
  ASSERT_TRUE(order.next_anyway(entry));
  EXPECT_EQ(entry.sample.time_ns, 1);
  order.add(sample_of(0, 3), start);
  ASSERT_TRUE(order.next_anyway(entry));
  ASSERT_TRUE(order.next_anyway(entry));
  EXPECT_EQ(entry.sample.time_ns, 3);
  EXPECT_FALSE(order.next_anyway(entry));
}

}  // namespace
}  // namespace haltere::agent
