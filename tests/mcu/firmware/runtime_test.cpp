#include "mcu/firmware/runtime.hpp"

#include "tests/mcu/firmware/device.hpp"

namespace haltere::firmware {
namespace {

TEST(Runtime, TellsWhatItIsAndThatItHasNoModel) {
  MemoryFlash flash;
  Device device(flash);
  const auto hello = device.hello();
  EXPECT_EQ(hello.ram_bytes, 8192U);
  EXPECT_EQ(hello.slot_bytes, 63U * 1024);
  EXPECT_EQ(hello.bundle_format, kernels::bundle_format_version);
  EXPECT_EQ(hello.active_slot, link::no_slot);
  EXPECT_EQ(device.error_of(MessageType::infer, Device::Nothing{}).code, ErrorCode::no_model);
  EXPECT_EQ(device.error_of(MessageType::bench, link::BenchRequest{1}).code, ErrorCode::no_model);
  EXPECT_EQ(device.error_of(MessageType::rollback, link::HashRequest{1}).code, ErrorCode::no_model);
}

TEST(Runtime, SaysOnceThatItHasStarted) {
  MemoryFlash flash;
  Device device(flash);
  const auto frames = device.frames_sent();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0].type, static_cast<std::uint8_t>(MessageType::booted));
  EXPECT_EQ(frames[0].sequence, 0U);
  EXPECT_EQ(frames[0].payload_bytes, 4U);
  (void)device.hello();
  EXPECT_EQ(device.frames_sent().size(), 1U) << "the hello's reply alone";
}

TEST(Runtime, RefusesWhatItDoesNotUnderstand) {
  MemoryFlash flash;
  Device device(flash);
  EXPECT_EQ(device.error_of(static_cast<MessageType>(0x1F), Device::Nothing{}).code,
            ErrorCode::unsupported);
  for (const auto type : {MessageType::hello, MessageType::begin, MessageType::data,
                          MessageType::commit, MessageType::activate, MessageType::rollback}) {
    EXPECT_EQ(device.error_of(type, Device::Nothing{}).code, ErrorCode::malformed);
  }
  EXPECT_EQ(device.error_of(MessageType::status, link::HashRequest{1}).code, ErrorCode::malformed);
  EXPECT_EQ(device.error_of(MessageType::reset, link::HashRequest{1}).code, ErrorCode::malformed);
  EXPECT_EQ(device.error_of(MessageType::hello, link::HelloRequest{9}).code,
            ErrorCode::unsupported);
  const auto sealed = device.ask(MessageType::status, {}, 1);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->type, static_cast<std::uint8_t>(MessageType::error));
  EXPECT_EQ(device.status().refused_requests, 11U);
}

TEST(Runtime, SwitchesOnlyWhenActivated) {
  MemoryFlash flash;
  Device device(flash);
  device.install(bundle_of(1));
  EXPECT_EQ(device.hello().model_version, 1U);
  const Bytes next = bundle_of(2);
  const std::uint64_t hash = Device::hash_of(next);
  device.transfer(next, hash);
  EXPECT_EQ(device.error_of(MessageType::activate, link::HashRequest{hash}).code,
            ErrorCode::not_committed);
  device.reply_to<link::CommitReply>(MessageType::commit, link::HashRequest{hash});
  EXPECT_EQ(device.hello().model_version, 1U);
  device.reply_to<link::ActivateReply>(MessageType::activate, link::HashRequest{hash});
  const auto hello = device.hello();
  EXPECT_EQ(hello.model_version, 2U);
  EXPECT_EQ(hello.model_hash, hash);
  EXPECT_EQ(hello.previous_hash, Device::hash_of(bundle_of(1)));
  EXPECT_EQ(flash.violations, 0);
}

TEST(Runtime, AnswersARepeatedRequestAsIfItHadComeOnce) {
  MemoryFlash flash;
  Device device(flash);
  device.install(bundle_of(1));
  const Bytes next = bundle_of(2);
  const std::uint64_t hash = Device::hash_of(next);
  device.transfer(next, hash);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(device.reply_to<link::CommitReply>(MessageType::commit, link::HashRequest{hash}).slot,
              1);
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        device.reply_to<link::ActivateReply>(MessageType::activate, link::HashRequest{hash}).slot,
        1);
    EXPECT_EQ(device.reply_to<link::CommitReply>(MessageType::commit, link::HashRequest{hash}).slot,
              1);
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(device.reply_to<link::RollbackReply>(MessageType::rollback, link::HashRequest{hash})
                  .model_version,
              1U);
  }
  const auto status = device.status();
  EXPECT_EQ(status.commits, 2U);
  EXPECT_EQ(status.switches, 2U);
  EXPECT_EQ(status.rollbacks, 1U);
  EXPECT_EQ(flash.violations, 0);
}

TEST(Runtime, AcknowledgesEveryHalfWindowAndReportsAGapOnce) {
  MemoryFlash flash;
  Device device(flash);
  const Bytes bundle = bundle_of(1, {40, 40, 8});
  ASSERT_GT(bundle.size(), 2000U);
  const link::BeginRequest begin{static_cast<std::uint32_t>(bundle.size()),
                                 Device::hash_of(bundle)};
  device.reply_to<link::BeginReply>(MessageType::begin, begin);
  const auto send = [&](std::uint32_t at) {
    return device.ask(MessageType::data, link::DataRequest{at, bundle.data() + at, 100});
  };
  EXPECT_FALSE(send(0));
  link::DataReply reply;
  const auto read = [&](const std::optional<link::Frame>& frame) {
    return frame && decode(frame->payload, frame->payload_bytes, reply);
  };
  ASSERT_TRUE(read(send(100)));
  EXPECT_EQ(reply.next_offset, 200U);
  ASSERT_TRUE(read(send(300)));
  EXPECT_EQ(reply.next_offset, 200U);
  EXPECT_EQ(reply.flags, link::data_gap);
  EXPECT_FALSE(send(400)) << "the same gap";
  EXPECT_FALSE(send(200));
  ASSERT_TRUE(read(send(100))) << "an old frame";
  EXPECT_EQ(reply.next_offset, 300U);
  EXPECT_EQ(reply.flags, 0);
  const auto end = static_cast<std::uint32_t>(bundle.size());
  EXPECT_EQ(
      device.error_of(MessageType::data, link::DataRequest{end - 50, bundle.data(), 100}).code,
      ErrorCode::out_of_range);
  EXPECT_EQ(device.error_of(MessageType::data, link::DataRequest{300, bundle.data(), 99}).code,
            ErrorCode::malformed);
  EXPECT_EQ(device.error_of(MessageType::commit, link::HashRequest{Device::hash_of(bundle)}).code,
            ErrorCode::incomplete);
  EXPECT_EQ(device.reply_to<link::BeginReply>(MessageType::begin, begin).next_offset, 300U)
      << "a repeated begin keeps what arrived";
}

TEST(Runtime, SaysWhenStorageFails) {
  MemoryFlash flash;
  Device device(flash);
  flash.fails = true;
  EXPECT_EQ(device.error_of(MessageType::begin, link::BeginRequest{100, 1}).code,
            ErrorCode::storage);
}

TEST(Runtime, SurvivesRandomBytesAndRandomRequests) {
  MemoryFlash flash;
  Device device(flash);
  device.install(bundle_of(1));
  std::mt19937 random(5);
  for (int round = 0; round < 20000; ++round) {
    Bytes payload(random() % 64);
    for (auto& byte : payload) byte = static_cast<std::uint8_t>(random());
    const auto type = static_cast<MessageType>(random() % 16);
    if (type == MessageType::bench) continue;  // a legitimate request for a long run
    (void)device.ask(type, payload);
  }
  EXPECT_EQ(device.hello().model_version, 1U);
  EXPECT_EQ(flash.violations, 0);
}

}  // namespace
}  // namespace haltere::firmware
