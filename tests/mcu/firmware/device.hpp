#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <vector>

#include "mcu/firmware/runtime.hpp"
#include "mcu/link/checksum.hpp"
#include "mcu/link/session.hpp"
#include "tests/fakes/memory_flash.hpp"
#include "tests/fakes/random_bundle.hpp"

namespace haltere::firmware {

using fakes::MemoryFlash;
using link::ErrorCode;
using link::MessageType;
using Bytes = std::vector<std::uint8_t>;

/// How far a start went.
enum class When : std::uint8_t { before_idle, idle };

/// The runtime with memory of its own, spoken to frame by frame.
class Device {
 public:
  explicit Device(MemoryFlash& flash, std::size_t ram_bytes = 8192, When when = When::idle)
      : Device(flash.storage(), ram_bytes, when) {}

  /// With a sensor of its own.
  Device(MemoryFlash& flash, const Sensor& sensor, std::size_t ram_bytes = 8192)
      : Device(flash.storage(), ram_bytes, When::idle, sensor) {}

  explicit Device(const Storage& storage, std::size_t ram_bytes = 8192, When when = When::idle,
                  const Sensor& sensor = {})
      : arena_(ram_bytes / 8), received_(1024), reply_(1024), values_(256), seen_(1024) {
    Platform platform;
    platform.label_button = [](void* device) { return static_cast<Device*>(device)->label_button; };
    platform.sensor = sensor;
    platform.wake = [](void* device, bool raised) {
      static_cast<Device*>(device)->wake_line = raised;
    };
    platform.ticks = zero;
    platform.tick_hz = 1000;
    platform.overruns = zero;
    platform.context = this;
    platform.may_enroll = [](void* device) { return static_cast<Device*>(device)->button; };
    Memory memory;
    memory.arena = static_cast<std::uint8_t*>(static_cast<void*>(arena_.data()));
    memory.arena_bytes = ram_bytes;
    memory.received = received_.data();
    memory.reply = reply_.data();
    memory.values = values_.data();
    memory.content_bytes = 1024;
    memory.window_frames = 4;
    memory.stream = static_cast<std::uint8_t*>(static_cast<void*>(stream_.data()));
    memory.stream_bytes = stream_.size() * sizeof stream_[0];
    runtime_.emplace(platform, memory, storage, link::ByteSink{append, &wire_});
    runtime_->boot();
    if (when == When::idle) runtime_->idle();
  }

  void idle() { runtime_->idle(); }

  bool button = false;  ///< held: it may be enrolled
  bool label_button = false;
  bool wake_line = false;  ///< raised

  /// Takes all samples that wait; what it says to them, decoded, opened if sealed.
  std::vector<link::Frame> sense() {
    wire_.clear();
    while (runtime_->sense()) {
    }
    heard_.clear();
    std::vector<link::Frame> notices;
    link::FrameDecoder decoder(seen_.data(), seen_.size());
    decoder.allow_sealed(true);
    for (const std::uint8_t byte : wire_) {
      if (decoder.take(byte)) keep_notice(decoder.frame(), notices);
    }
    return notices;
  }
  [[nodiscard]] Runtime& runtime() { return *runtime_; }

  /// From now on requests are sealed with `key` [16], as those of a board that has it.
  void join(const std::uint8_t* key, std::uint8_t nonce_seed = 1) {
    session_.end();
    link::HelloRequest request;
    request.nonce[0] = nonce_seed;
    const auto hello = ask(MessageType::hello, request);
    ASSERT_TRUE(hello);
    session_.begin(key, request.nonce, hello->payload, hello->payload_bytes);
    number_ = 0;
  }
  void part() { session_.end(); }

  /// What a board with the session sends; its number rises.
  Bytes sealed_wire(MessageType type, const Bytes& payload) {
    Bytes content(link::header_bytes + payload.size() + link::frame_tag_bytes);
    std::ranges::copy(payload, content.begin() + link::header_bytes);
    link::Frame frame;
    frame.type = static_cast<std::uint8_t>(type);
    frame.payload_bytes = payload.size();
    Bytes wire;
    session_.send(frame, ++number_, link::Direction::to_mcu, content.data(), {append, &wire});
    return wire;
  }

  /// Takes bytes from the line; whatever it says to that.
  Bytes hear(const Bytes& wire) {
    wire_.clear();
    for (const std::uint8_t byte : wire) runtime_->take(byte);
    return wire_;
  }

  /// Sends one request; the reply's payload, nothing when there was none.
  std::optional<link::Frame> ask(MessageType type, const Bytes& payload, std::uint8_t flags = 0) {
    if (session_.active() && type != MessageType::hello) return ask_sealed(type, payload);
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

  std::optional<link::Frame> ask_sealed(MessageType type, const Bytes& payload) {
    (void)hear(sealed_wire(type, payload));
    link::FrameDecoder decoder(seen_.data(), seen_.size());
    decoder.allow_sealed(true);
    std::optional<link::Frame> reply;
    for (const std::uint8_t byte : wire_) {
      if (decoder.take(byte)) reply = decoder.frame();
    }
    const bool opened = reply && (reply->flags & link::sealed_flag) != 0 &&
                        session_.open(*reply, number_, link::Direction::to_board, seen_.data());
    return opened ? reply : std::nullopt;
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

  /// All a board does to hand a bundle over.
  void install(const Bytes& bundle) {
    activate(bundle);
    EXPECT_EQ(prove(bundle), 0U);
  }

  /// Inferences that its trial still takes after eight of its self-test.
  std::uint8_t prove(const Bytes& bundle) {
    return reply_to<link::ProveReply>(MessageType::prove, link::ProveRequest{hash_of(bundle), 8})
        .inferences_left;
  }

  /// As `install`, but leaves it on trial.
  void activate(const Bytes& bundle) {
    const std::uint64_t hash = hash_of(bundle);
    transfer(bundle, hash);
    reply_to<link::CommitReply>(MessageType::commit, link::HashRequest{hash});
    reply_to<link::ActivateReply>(MessageType::activate, link::HashRequest{hash});
  }

  static std::uint64_t hash_of(const Bytes& bundle) {
    return link::fnv1a_64(link::fnv1a_start, bundle.data(), bundle.size());
  }

  /// Frames since the last request, or since the start; their payloads are gone.
  std::vector<link::Frame> frames_sent() {
    std::vector<link::Frame> frames;
    link::FrameDecoder decoder(seen_.data(), seen_.size());
    for (const std::uint8_t byte : wire_) {
      if (decoder.take(byte)) frames.push_back(decoder.frame());
    }
    return frames;
  }

  struct Nothing {};
  friend void encode(const Nothing& /*message*/, link::ByteWriter& /*writer*/) {}

 private:
  void keep_notice(link::Frame frame, std::vector<link::Frame>& notices) {
    if (session_.active() &&
        !session_.open(frame, ++notice_number_, link::Direction::unasked, seen_.data())) {
      return;
    }
    heard_.emplace_back(frame.payload, frame.payload + frame.payload_bytes);
    frame.payload = heard_.back().data();
    notices.push_back(frame);
  }

  static std::uint32_t zero(void* /*context*/) { return 0; }

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
  link::Session session_;
  std::uint32_t number_ = 0;
  std::uint32_t notice_number_ = 0;
  std::vector<std::int16_t> stream_ = std::vector<std::int16_t>(256);
  std::deque<Bytes> heard_;  // payloads of notices
  std::optional<Runtime> runtime_;
};

using fakes::bundle_of;

}  // namespace haltere::firmware
