#include "mcu/link/messages.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/mcu/link/wire.hpp"

namespace haltere::link {
namespace {

TEST(Messages, HelloReplyIsLaidOutAsDocumented) {
  HelloReply hello;
  hello.core = Core::cortex_m4f;
  hello.reset_reason = ResetReason::software;
  hello.bundle_format = 1;
  hello.max_content_bytes = 508;
  hello.window_frames = 8;
  hello.active_slot = 1;
  hello.firmware_version = 0x00010203;
  hello.packings = 5;
  hello.ram_bytes = 6144;
  hello.slot_bytes = 64512;
  hello.boots = 3;
  hello.model_version = 17;
  hello.model_hash = 0x1122334455667788;
  hello.previous_hash = 0x99AABBCCDDEEFF00;
  std::fill(std::begin(hello.device), std::end(hello.device), std::uint8_t{7});
  hello.session = 4;
  hello.model_counter = 265;
  hello.state = state_enrolled | state_on_trial;
  const Bytes bytes = bytes_of(hello);
  ASSERT_EQ(bytes.size(), 80U);
  const Bytes start(bytes.begin(), bytes.begin() + 12);
  EXPECT_EQ(start, (Bytes{1, 5, 3, 1, 0xFC, 0x01, 8, 1, 3, 2, 1, 0}));
  EXPECT_EQ(bytes[32], 0x88);
  EXPECT_EQ(bytes[40], 0x00);
  EXPECT_EQ(Bytes(bytes.begin() + 48, bytes.begin() + 60), Bytes(12, 7)) << "device";
  EXPECT_EQ(Bytes(bytes.begin() + 60, bytes.end()),
            (Bytes{0, 0, 0, 0, 4, 0, 0, 0, 9, 1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0}));
  const HelloReply decoded = through_the_wire(hello, 80, true);
  EXPECT_EQ(bytes_of(decoded), bytes);
}

TEST(Messages, FixedOnesSurviveAndRefuseOtherLengths) {
  EXPECT_EQ(through_the_wire(HelloRequest{}, 17).protocol, protocol_version);
  const auto begin = through_the_wire(BeginRequest{70000, 0xFEDCBA9876543210}, 28);
  EXPECT_EQ(begin.length_bytes, 70000U);
  EXPECT_EQ(begin.hash, 0xFEDCBA9876543210);
  EXPECT_EQ(through_the_wire(BeginReply{123456}, 4).next_offset, 123456U);
  const auto data = through_the_wire(DataReply{99, data_gap}, 5);
  EXPECT_EQ(data.next_offset, 99U);
  EXPECT_EQ(data.flags, data_gap);
  EXPECT_EQ(through_the_wire(HashRequest{77}, 8).hash, 77U);
  EXPECT_EQ(through_the_wire(CommitReply{1}, 1).slot, 1);
  EXPECT_EQ(through_the_wire(ActivateReply{1, 9}, 5).model_version, 9U);
  EXPECT_EQ(through_the_wire(RollbackReply{0, 8, 5}, 13).model_hash, 5U);
  EXPECT_EQ(through_the_wire(BenchRequest{1000}, 4, true).count, 1000U);
  const auto bench = through_the_wire(BenchReply{10, std::uint64_t{1} << 40, 25'000'000}, 16);
  EXPECT_EQ(bench.ticks, std::uint64_t{1} << 40);
  EXPECT_EQ(bench.tick_hz, 25'000'000U);
  EXPECT_EQ(through_the_wire(ProveRequest{5, 8}, 9).count, 8);
  EXPECT_EQ(through_the_wire(ProveReply{3}, 1).inferences_left, 3);
  EnrollRequest enroll;
  enroll.device[11] = 1;
  enroll.key[15] = 2;
  EXPECT_EQ(through_the_wire(enroll, 28).key[15], 2);
  EXPECT_EQ(bytes_of(through_the_wire(enroll, 28)), bytes_of(enroll));
  const auto error = through_the_wire(ErrorReply{3, ErrorCode::too_big, 4096}, 6);
  EXPECT_EQ(error.code, ErrorCode::too_big);
  EXPECT_EQ(error.detail, 4096U);
}

TEST(Messages, ABenchOfWhatOlderFirmwareKnowsIsAsLongAsEver) {
  uint8_t bytes[8] = {};
  ByteWriter load(bytes, sizeof bytes);
  encode(BenchRequest{7, BenchSubject::load}, load);
  ASSERT_EQ(load.size(), 5U);
  BenchRequest read;
  ASSERT_TRUE(decode(bytes, 5, read));
  EXPECT_EQ(read.count, 7U);
  EXPECT_EQ(read.what, BenchSubject::load);
  ASSERT_TRUE(decode(bytes, 4, read));
  EXPECT_EQ(read.what, BenchSubject::inference);
  bytes[4] = 3;
  EXPECT_FALSE(decode(bytes, 5, read));
  EXPECT_FALSE(decode(bytes, 6, read));
}

TEST(Messages, StatusKeepsTheOrderOfItsCounters) {
  StatusReply status;
  status.inferences = 1;
  status.frames = 3;
  status.overruns = 8;
  status.boot_fallbacks = 14;
  const Bytes bytes = bytes_of(status);
  ASSERT_EQ(bytes.size(), 56U);
  EXPECT_EQ(bytes[0], 1);
  EXPECT_EQ(bytes[8], 3);
  EXPECT_EQ(bytes[28], 8);
  EXPECT_EQ(bytes[52], 14);
  EXPECT_EQ(bytes_of(through_the_wire(status, bytes.size())), bytes);
}

TEST(Messages, DataCarriesAtLeastOneByte) {
  const Bytes content = {5, 6, 7};
  const Bytes bytes = bytes_of(DataRequest{1000, content.data(), content.size()});
  DataRequest data;
  EXPECT_FALSE(decode(bytes.data(), 3, data));
  EXPECT_FALSE(decode(bytes.data(), 4, data)) << "no data";
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), data));
  EXPECT_EQ(data.offset, 1000U);
  EXPECT_EQ(Bytes(data.bytes, data.bytes + data.count), content);
}

TEST(Messages, InferReplyCarriesSignedValues) {
  const Bytes outputs = {0x80, 0x7F, 0xFF};
  const Bytes bytes = bytes_of(InferReply{4, 5, -1, outputs.data(), outputs.size()});
  EXPECT_EQ(bytes.size(), infer_reply_header_bytes + 3);
  InferReply reply;
  EXPECT_FALSE(decode(bytes.data(), infer_reply_header_bytes - 1, reply));
  ASSERT_TRUE(decode(bytes.data(), bytes.size(), reply));
  EXPECT_EQ(reply.verdict, -1);
  EXPECT_EQ(Bytes(reply.outputs, reply.outputs + reply.output_count), outputs);
}

TEST(Messages, FloatsKeepTheirBits) {
  Bytes bytes(4);
  for (const float value : {0.0F, -0.0F, 1.5F, std::numeric_limits<float>::denorm_min(),
                            std::numeric_limits<float>::infinity()}) {
    ByteWriter writer(bytes.data(), bytes.size());
    writer.f32(value);
    ByteReader reader(bytes.data(), bytes.size());
    EXPECT_EQ(std::signbit(reader.f32()), std::signbit(value));
    EXPECT_EQ(ByteReader(bytes.data(), bytes.size()).f32(), value);
  }
}

TEST(Messages, AWriterThatIsFullStaysInItsBounds) {
  Bytes bytes(8, 0xEE);
  ByteWriter writer(bytes.data(), 6);
  writer.u64(0x0102030405060708);
  EXPECT_TRUE(writer.overflow());
  EXPECT_EQ(bytes[6], 0xEE);
  ByteWriter other(bytes.data(), 2);
  other.raw(bytes.data() + 2, 3);
  EXPECT_TRUE(other.overflow());
  EXPECT_EQ(other.size(), 0U);
}

}  // namespace
}  // namespace haltere::link
