#include "mcu/firmware/runtime.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "mcu/link/checksum.hpp"
#include "tests/fakes/memory_flash.hpp"
#include "tests/fakes/random_bundle.hpp"

namespace haltere::firmware {
namespace {

using fakes::MemoryFlash;
using link::ErrorCode;
using link::MessageType;
using Bytes = std::vector<std::uint8_t>;

std::uint32_t zero(void* /*context*/) { return 0; }

/// The runtime with memory of its own, spoken to frame by frame.
class Device {
 public:
  explicit Device(MemoryFlash& flash, std::size_t ram_bytes = 8192)
      : arena_(ram_bytes / 8), received_(1024), reply_(1024), values_(256), seen_(1024) {
    Platform platform;
    platform.ticks = zero;
    platform.tick_hz = 1000;
    platform.overruns = zero;
    Memory memory;
    memory.arena = static_cast<std::uint8_t*>(static_cast<void*>(arena_.data()));
    memory.arena_bytes = ram_bytes;
    memory.received = received_.data();
    memory.reply = reply_.data();
    memory.values = values_.data();
    memory.content_bytes = 1024;
    memory.window_frames = 4;
    runtime_.emplace(platform, memory, flash.storage(), link::ByteSink{append, &wire_});
    runtime_->boot();
  }

  /// Sends one request; the reply's payload, nothing when there was none.
  std::optional<link::Frame> ask(MessageType type, const Bytes& payload, std::uint8_t flags = 0) {
    Bytes content(link::header_bytes + payload.size() + link::crc_bytes);
    std::ranges::copy(payload, content.begin() + link::header_bytes);
    link::Frame frame;
    frame.type = static_cast<std::uint8_t>(type);
    frame.flags = flags;
    frame.sequence = ++sequence_;
    frame.payload_bytes = payload.size();
    Bytes request;
    link::send_frame(frame, content.data(), {append, &request});
    wire_.clear();
    for (const std::uint8_t byte : request) runtime_->take(byte);
    link::FrameDecoder decoder(seen_.data(), seen_.size());
    std::optional<link::Frame> reply;
    for (const std::uint8_t byte : wire_) {
      if (decoder.take(byte)) reply = decoder.frame();
    }
    EXPECT_EQ(reply ? reply->sequence : sequence_, sequence_);
    return reply;
  }

  template <typename Request>
  std::optional<link::Frame> ask(MessageType type, const Request& request) {
    Bytes payload(600);
    link::ByteWriter writer(payload.data(), payload.size());
    encode(request, writer);
    payload.resize(writer.size());
    return ask(type, payload);
  }

  template <typename Reply, typename Request>
  Reply reply_to(MessageType type, const Request& request) {
    Reply reply;
    const auto frame = ask(type, request);
    EXPECT_TRUE(frame && frame->type == (static_cast<std::uint8_t>(type) | link::reply_bit) &&
                decode(frame->payload, frame->payload_bytes, reply));
    return reply;
  }

  template <typename Request>
  link::ErrorReply error_of(MessageType type, const Request& request) {
    link::ErrorReply error;
    const auto frame = ask(type, request);
    if (!frame || frame->type != static_cast<std::uint8_t>(MessageType::error)) return error;
    EXPECT_TRUE(decode(frame->payload, frame->payload_bytes, error));
    EXPECT_EQ(error.request, static_cast<std::uint8_t>(type));
    return error;
  }

  link::HelloReply hello() {
    return reply_to<link::HelloReply>(MessageType::hello, link::HelloRequest{});
  }

  link::StatusReply status() { return reply_to<link::StatusReply>(MessageType::status, Nothing{}); }

  /// Everything up to, not including, commit.
  void transfer(const Bytes& bundle, std::uint64_t hash) {
    const auto length = static_cast<std::uint32_t>(bundle.size());
    auto at = reply_to<link::BeginReply>(MessageType::begin, link::BeginRequest{length, hash})
                  .next_offset;
    while (at < length) {
      const std::uint32_t count = std::min<std::uint32_t>(496, length - at);
      (void)ask(MessageType::data, link::DataRequest{at, bundle.data() + at, count});
      at += count;
    }
  }

  void install(const Bytes& bundle) {
    const std::uint64_t hash = hash_of(bundle);
    transfer(bundle, hash);
    reply_to<link::CommitReply>(MessageType::commit, link::HashRequest{hash});
    reply_to<link::ActivateReply>(MessageType::activate, link::HashRequest{hash});
  }

  static std::uint64_t hash_of(const Bytes& bundle) {
    return link::fnv1a_64(link::fnv1a_start, bundle.data(), bundle.size());
  }

  struct Nothing {};
  friend void encode(const Nothing& /*message*/, link::ByteWriter& /*writer*/) {}

 private:
  static void append(void* context, const std::uint8_t* bytes, std::size_t count) {
    auto& wire = *static_cast<Bytes*>(context);
    wire.insert(wire.end(), bytes, bytes + count);
  }

  std::vector<std::uint64_t> arena_;
  Bytes received_;
  Bytes reply_;
  std::vector<float> values_;
  Bytes seen_;
  Bytes wire_;
  std::uint16_t sequence_ = 0;
  std::optional<Runtime> runtime_;
};

Bytes bundle_of(std::uint32_t version, std::vector<std::size_t> sizes = {9, 12, 4}) {
  std::mt19937 random(version);
  fakes::RandomNet net;
  net.sizes = std::move(sizes);
  net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
  net.version = version;
  return fakes::random_bundle(net, random);
}

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

TEST(Runtime, KeepsTheModelBeforeWhenTheNewOneIsBad) {
  const Bytes good = bundle_of(2);
  for (std::size_t at = 0; at < good.size(); at += 5) {
    MemoryFlash flash;
    Device device(flash);
    device.install(bundle_of(1));
    Bytes bad = good;
    bad[at] = static_cast<std::uint8_t>(bad[at] ^ 0x10);
    device.transfer(bad, Device::hash_of(bad));
    const auto error =
        device.error_of(MessageType::commit, link::HashRequest{Device::hash_of(bad)});
    ASSERT_EQ(error.code, ErrorCode::bad_bundle) << "byte " << at;
    EXPECT_EQ(device.hello().model_version, 1U);
    EXPECT_EQ(device.status().refused_bundles, 1U);
    EXPECT_EQ(device
                  .reply_to<link::BeginReply>(
                      MessageType::begin, link::BeginRequest{static_cast<std::uint32_t>(bad.size()),
                                                             Device::hash_of(bad)})
                  .next_offset,
              0U)
        << "a bad slot starts anew";
  }
}

TEST(Runtime, RefusesAModelWhoseSelfTestGivesOtherBytes) {
  MemoryFlash flash;
  Device device(flash);
  device.install(bundle_of(1));
  Bytes lying = bundle_of(2);
  // The stored outputs are the last word before the crc; the crc is made good again.
  lying[lying.size() - 8] = static_cast<std::uint8_t>(lying[lying.size() - 8] ^ 1);
  const std::uint32_t crc = link::crc32_iso_hdlc(0, lying.data(), lying.size() - 4);
  link::ByteWriter(lying.data() + lying.size() - 4, 4).u32(crc);
  device.transfer(lying, Device::hash_of(lying));
  EXPECT_EQ(device.error_of(MessageType::commit, link::HashRequest{Device::hash_of(lying)}).code,
            ErrorCode::self_test);
  EXPECT_EQ(device.hello().model_version, 1U);
}

TEST(Runtime, RefusesDamageInTransitByTheHash) {
  MemoryFlash flash;
  Device device(flash);
  const Bytes bundle = bundle_of(2);
  device.transfer(bundle, 12345);
  EXPECT_EQ(device.error_of(MessageType::commit, link::HashRequest{12345}).code,
            ErrorCode::hash_mismatch);
}

TEST(Runtime, RefusesWhatDoesNotFit) {
  MemoryFlash flash;
  Device device(flash, 64);
  EXPECT_EQ(device.error_of(MessageType::begin, link::BeginRequest{64 * 1024, 1}).code,
            ErrorCode::too_big);
  EXPECT_EQ(device.error_of(MessageType::begin, link::BeginRequest{0, 1}).code,
            ErrorCode::out_of_range);
  const Bytes bundle = bundle_of(1, {40, 40, 8});
  device.transfer(bundle, Device::hash_of(bundle));
  const auto error =
      device.error_of(MessageType::commit, link::HashRequest{Device::hash_of(bundle)});
  EXPECT_EQ(error.code, ErrorCode::too_big);
  EXPECT_EQ(error.detail, 88U) << "inputs, hidden activations, outputs";
}

TEST(Runtime, FallsBackAtBootWhenTheActiveModelIsDamaged) {
  MemoryFlash flash;
  {
    Device device(flash);
    device.install(bundle_of(1));
    device.install(bundle_of(2));
  }
  {
    Device device(flash);
    EXPECT_EQ(device.hello().model_version, 2U) << "it survives a reset";
  }
  flash.bundle(1)[200] ^= 1;
  {
    Device device(flash);
    EXPECT_EQ(device.hello().model_version, 1U);
    EXPECT_EQ(device.status().boot_fallbacks, 1U);
  }
  flash.bundle(0)[200] ^= 1;
  Device device(flash);
  EXPECT_EQ(device.hello().active_slot, link::no_slot);
}

TEST(Runtime, ARolledBackModelStaysAwayAfterAReset) {
  MemoryFlash flash;
  {
    Device device(flash);
    device.install(bundle_of(1));
    device.install(bundle_of(2));
    device.reply_to<link::RollbackReply>(MessageType::rollback,
                                         link::HashRequest{Device::hash_of(bundle_of(2))});
    EXPECT_EQ(
        device.error_of(MessageType::rollback, link::HashRequest{Device::hash_of(bundle_of(1))})
            .code,
        ErrorCode::no_model);
  }
  Device device(flash);
  EXPECT_EQ(device.hello().model_version, 1U);
  EXPECT_EQ(device.hello().previous_hash, 0U);
  device.install(bundle_of(2));
  EXPECT_EQ(device.hello().model_version, 2U) << "it may be handed over again";
  EXPECT_EQ(flash.violations, 0);
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
