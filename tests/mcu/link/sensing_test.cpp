#include "mcu/link/sensing.hpp"

#include <cstdint>
#include <vector>

#include "tests/mcu/link/wire.hpp"

namespace haltere::link {
namespace {

TEST(SensingMessages, SurviveAndRefuseOtherLengths) {
  const auto request = through_the_wire(WatchRequest{true, 70000, 119.0F, 2, 3}, 11);
  EXPECT_TRUE(request.report);
  EXPECT_EQ(request.samples, 70000U);
  EXPECT_EQ(request.rate_hz, 119.0F);
  const auto reply =
      through_the_wire(WatchReply{Blocked::ram, watch_streaming, 3, 5, 100.0F, 9, 2440, 17}, 20);
  EXPECT_EQ(reply.blocked, Blocked::ram);
  EXPECT_EQ(reply.missing_bytes, 17U);
  EXPECT_EQ(through_the_wire(DriftRequest{40000}, 2).first, 40000);
  const auto change = through_the_wire(ChangeNotice{-1, 3, 100, 7, 2, 0.5F}, 20);
  EXPECT_EQ(change.decision, -1);
  EXPECT_EQ(change.before, 3);
}

TEST(SensingMessages, AWatchRequestCannotWantMoreVotesThanThereAre) {
  WatchRequest decoded;
  const Bytes more_than_asked = bytes_of(WatchRequest{false, 0, 0.0F, 4, 3});
  EXPECT_FALSE(decode(more_than_asked.data(), more_than_asked.size(), decoded));
  const Bytes more_than_kept = bytes_of(WatchRequest{false, 0, 0.0F, 4, most_votes + 1});
  EXPECT_FALSE(decode(more_than_kept.data(), more_than_kept.size(), decoded));
  Bytes other_report = bytes_of(WatchRequest{});
  other_report[0] = 2;
  EXPECT_FALSE(decode(other_report.data(), other_report.size(), decoded));
}

TEST(SensingMessages, ASensorHasAtMostSixteenChannels) {
  SensorReply sensor;
  sensor.channels = 2;
  sensor.most_hz = 4000.0F;
  sensor.channel[1].name[0] = 'a';
  sensor.channel[1].scale = 0.25F;
  Bytes bytes = bytes_of(through_the_wire(sensor, 45));
  EXPECT_EQ(bytes[25], 'a');
  bytes.resize(5 + 17 * 20);
  bytes[0] = 17;
  SensorReply decoded;
  EXPECT_FALSE(decode(bytes.data(), bytes.size(), decoded));
}

TEST(SensingMessages, StatisticsCarryAHistogram) {
  const Bytes histogram = {1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0};
  StatisticsReply statistics;
  statistics.model_hash = 0x1122334455667788;
  statistics.decision = -1;
  statistics.counts = 3;
  statistics.ticks = std::uint64_t{1} << 40;
  statistics.histogram = histogram.data();
  const auto decoded = through_the_wire(statistics, statistics_header_bytes + histogram.size());
  EXPECT_EQ(decoded.ticks, std::uint64_t{1} << 40);
  EXPECT_EQ(Bytes(decoded.histogram, decoded.histogram + 12), histogram);
}

TEST(SensingMessages, DriftStaysWithinItsInputs) {
  const Bytes values(16, 1);
  const DriftReply drift{9, 12, 10, values.data(), 2};
  const Bytes bytes = bytes_of(drift);
  DriftReply decoded;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), decoded));
  EXPECT_EQ(decoded.count, 2U);
  EXPECT_FALSE(decode(bytes.data(), bytes.size() - 1, decoded));
  const Bytes beyond = bytes_of(DriftReply{9, 11, 10, values.data(), 2});
  EXPECT_FALSE(decode(beyond.data(), beyond.size(), decoded));
}

TEST(SensingMessages, SamplesAreWhole) {
  const Bytes values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const Bytes bytes = bytes_of(SamplesNotice{70000, 3, values.data(), 2});
  SamplesNotice decoded;
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), decoded));
  EXPECT_EQ(decoded.first, 70000U);
  EXPECT_EQ(decoded.count, 2U);
  EXPECT_FALSE(decode(bytes.data(), bytes.size() - 1, decoded));
  EXPECT_FALSE(decode(bytes.data(), samples_header_bytes, decoded)) << "none at all";
  const Bytes no_channels = bytes_of(SamplesNotice{1, 0, values.data(), 2});
  EXPECT_FALSE(decode(no_channels.data(), no_channels.size(), decoded));
}

}  // namespace
}  // namespace haltere::link
