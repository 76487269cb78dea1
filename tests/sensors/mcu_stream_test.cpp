#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "sensors/mcu_feed.hpp"
#include "tests/fakes/open_sensor.hpp"

namespace haltere::sensors {
namespace {

class McuStreamTest : public testing::Test {
 protected:
  McuStreamTest() { buses_.add_mcu("tag", feed_); }

  Result<std::unique_ptr<Sensor>> open() {
    return fakes::open_sensor("mcu_stream", "{mcu: tag, columns: [ax, ay], rate: 100Hz}", buses_);
  }
  void put(std::uint64_t number) {
    feed_->put(number, std::vector<float>{static_cast<float>(number), 2.0F});
  }

  std::shared_ptr<McuFeed> feed_ =
      std::make_shared<McuFeed>(McuFeed::Wanted{.channels = {"ax", "ay"}, .rate_hz = 100.0F}, 4);
  Buses buses_;
  std::vector<Sample> samples_;
};

TEST_F(McuStreamTest, GivesNumbersAsTimesAndCountsThoseThatNeverCame) {
  feed_->begin();
  auto sensor = open();
  ASSERT_TRUE(sensor) << sensor.error().message;
  for (const int number : {7, 8, 11}) put(static_cast<std::uint64_t>(number));
  ASSERT_TRUE((*sensor)->read(0, samples_));
  ASSERT_EQ(samples_.size(), 3U);
  EXPECT_EQ(samples_[0].time_ns, 70'000'000);
  EXPECT_EQ(samples_[1].values[0], 8.0F);
  EXPECT_FALSE(samples_[1].starts_segment);
  EXPECT_TRUE(samples_[2].starts_segment);
  EXPECT_EQ((*sensor)->counters().lost, 2U);
}

TEST_F(McuStreamTest, NumbersThatBeginAnewAreASegmentAndNoLoss) {
  feed_->begin();
  auto sensor = open();
  ASSERT_TRUE(sensor) << sensor.error().message;
  put(500);
  feed_->begin();
  put(0);
  ASSERT_TRUE((*sensor)->read(0, samples_));
  ASSERT_EQ(samples_.size(), 2U);
  EXPECT_TRUE(samples_[1].starts_segment);
  EXPECT_EQ((*sensor)->counters().lost, 0U);
}

TEST_F(McuStreamTest, TheOldestAreDroppedAndCountedWhenNobodyReads) {
  feed_->begin();
  auto sensor = open();
  ASSERT_TRUE(sensor) << sensor.error().message;
  put(0);
  ASSERT_TRUE((*sensor)->read(0, samples_));
  for (std::uint64_t number = 1; number <= 7; ++number) put(number);
  ASSERT_TRUE((*sensor)->read(0, samples_));
  EXPECT_EQ(samples_.size(), 1U + 4U);
  EXPECT_EQ((*sensor)->counters().lost, 3U);
}

TEST_F(McuStreamTest, OpensOnceTheMicrocontrollerIsThereAndEndsWithWhatCameBefore) {
  EXPECT_EQ(open().error().kind, ErrorKind::unavailable);
  feed_->begin();
  auto sensor = open();
  ASSERT_TRUE(sensor) << sensor.error().message;
  put(1);
  feed_->end({ErrorKind::unavailable, "gone"});
  EXPECT_EQ((*sensor)->read(0, samples_).error().message, "gone");
  EXPECT_EQ(samples_.size(), 1U);
}

TEST_F(McuStreamTest, UnitsThatWouldBeConvertedAreRefused) {
  const auto of = [](const char* columns) {
    return fakes::problem_with("mcu_stream",
                               "{mcu: tag, rate: 9Hz, columns: [" + std::string(columns) + "]}");
  };
  EXPECT_EQ(of("ax, 'ay:m/s²', 'p:Pa'"), "");
  EXPECT_EQ(of("'ax:g'"),
            "column 'ax': values are taken as the firmware gives them; leave the unit away, or "
            "name an SI one if it gives them in that");
  EXPECT_NE(of("ax, 't:s'"), "");
}

}  // namespace
}  // namespace haltere::sensors
