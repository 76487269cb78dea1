#include "mcu/link/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>
#include <vector>

namespace haltere::link {
namespace {

using Bytes = std::vector<std::uint8_t>;

void append(void* context, const std::uint8_t* bytes, std::size_t count) {
  auto& wire = *static_cast<Bytes*>(context);
  wire.insert(wire.end(), bytes, bytes + count);
}

Bytes wire_of(const Bytes& payload, std::uint8_t type = 3, std::uint16_t sequence = 0x1234) {
  Bytes content(header_bytes + payload.size() + crc_bytes);
  std::ranges::copy(payload, content.begin() + header_bytes);
  Frame frame;
  frame.type = type;
  frame.sequence = sequence;
  frame.payload_bytes = payload.size();
  Bytes wire;
  const std::size_t sent = send_frame(frame, content.data(), {append, &wire});
  EXPECT_EQ(sent, wire.size());
  return wire;
}

/// Every good frame's payload in `wire`.
struct Receiver {
  explicit Receiver(std::size_t capacity = 1024)
      : buffer(capacity), decoder(buffer.data(), capacity) {}

  void take(const Bytes& wire) {
    for (const std::uint8_t byte : wire) {
      if (!decoder.take(byte)) continue;
      const Frame& frame = decoder.frame();
      payloads.emplace_back(frame.payload, frame.payload + frame.payload_bytes);
    }
  }

  [[nodiscard]] std::uint32_t faults() const {
    const FrameCounters& counters = decoder.counters();
    return counters.crc_errors + counters.cobs_errors + counters.oversize_frames +
           counters.short_frames;
  }

  Bytes buffer;
  FrameDecoder decoder;
  std::vector<Bytes> payloads;
};

Bytes random_bytes(std::size_t count, std::mt19937& random, int highest = 255) {
  Bytes bytes(count);
  for (auto& byte : bytes) {
    byte = static_cast<std::uint8_t>(std::uniform_int_distribution<int>(0, highest)(random));
  }
  return bytes;
}

TEST(Frame, CarriesEveryLengthAndPattern) {
  std::mt19937 random(1);
  for (std::size_t length = 0; length < 800; ++length) {
    for (const int highest : {0, 1, 255}) {
      const Bytes payload = random_bytes(length, random, highest);
      const Bytes wire = wire_of(payload);
      EXPECT_LE(wire.size(), max_wire_bytes(header_bytes + length + crc_bytes));
      EXPECT_EQ(std::ranges::find(wire, 0), std::prev(wire.end()));
      Receiver receiver;
      receiver.take(wire);
      ASSERT_EQ(receiver.payloads, std::vector<Bytes>{payload})
          << length << " bytes up to " << highest;
      EXPECT_EQ(receiver.decoder.frame().type, 3);
      EXPECT_EQ(receiver.decoder.frame().sequence, 0x1234);
      EXPECT_EQ(receiver.faults(), 0U);
    }
  }
}

TEST(Frame, CarriesRunsAroundTheLongestBlock) {
  for (std::size_t length = 240; length < 520; ++length) {
    const Bytes payload(length, 0x55);
    Receiver receiver;
    receiver.take(wire_of(payload, 0x55, 0x5555));
    ASSERT_EQ(receiver.payloads, std::vector<Bytes>{payload}) << length;
  }
}

TEST(Frame, NeverAcceptsASingleFlippedBitAndResynchronisesAtOnce) {
  std::mt19937 random(2);
  const Bytes payload = random_bytes(300, random, 3);
  const Bytes next = {7, 7, 7};
  const Bytes wire = wire_of(payload);
  for (std::size_t at = 0; at < wire.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes damaged = wire;
      damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1 << bit));
      Receiver receiver;
      receiver.take(damaged);
      receiver.take(wire_of(next));
      // Damage to the end marker swallows the frame behind it, nothing more.
      const bool end_lost = at == wire.size() - 1;
      ASSERT_EQ(receiver.payloads, end_lost ? std::vector<Bytes>{} : std::vector<Bytes>{next})
          << "byte " << at << " bit " << bit;
      ASSERT_GE(receiver.faults(), 1U);
      receiver.take(wire_of(next));
      ASSERT_EQ(receiver.payloads.back(), next);
    }
  }
}

TEST(Frame, NeverAcceptsAChangedLostOrAddedByte) {
  std::mt19937 random(3);
  const Bytes payload = random_bytes(40, random);
  const Bytes next = {1, 2, 3};
  const Bytes wire = wire_of(payload);
  const auto expect_refused = [&](const Bytes& damaged, std::size_t at) {
    Receiver receiver;
    receiver.take(damaged);
    receiver.take({0});
    receiver.take(wire_of(next));
    ASSERT_EQ(receiver.payloads, std::vector<Bytes>{next}) << "at byte " << at;
  };
  for (std::size_t at = 0; at + 1 < wire.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      if (wire[at] == value) continue;
      Bytes damaged = wire;
      damaged[at] = static_cast<std::uint8_t>(value);
      expect_refused(damaged, at);
    }
    Bytes lost = wire;
    lost.erase(lost.begin() + static_cast<std::ptrdiff_t>(at));
    expect_refused(lost, at);
    Bytes doubled = wire;
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(at), wire[at]);
    expect_refused(doubled, at);
  }
}

TEST(Frame, CountsEachKindOfFault) {
  Receiver receiver(min_content_bytes);
  receiver.take({0, 0, 0});
  EXPECT_EQ(receiver.faults(), 0U) << "empty frames are no fault";
  receiver.take({3, 1, 1, 0});
  EXPECT_EQ(receiver.decoder.counters().short_frames, 1U);
  receiver.take({9, 1, 1, 0});
  EXPECT_EQ(receiver.decoder.counters().cobs_errors, 1U);
  receiver.take(wire_of(Bytes(200, 1)));
  EXPECT_EQ(receiver.decoder.counters().oversize_frames, 1U);
  receiver.take({10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0});
  EXPECT_EQ(receiver.decoder.counters().crc_errors, 1U);
  receiver.take(wire_of({}));
  EXPECT_EQ(receiver.decoder.counters().frames, 1U);
  EXPECT_EQ(receiver.faults(), 4U);
}

TEST(Frame, FindsTheNextFrameAfterAnyNoise) {
  std::mt19937 random(4);
  for (int round = 0; round < 500; ++round) {
    Receiver receiver;
    receiver.take(random_bytes(static_cast<std::size_t>(round * 7), random));
    receiver.take({0});
    const auto before = receiver.payloads.size();
    EXPECT_EQ(before, 0U) << "noise passed for a frame, round " << round;
    receiver.take(wire_of({42}));
    ASSERT_EQ(receiver.payloads.size(), before + 1) << "round " << round;
  }
}

}  // namespace
}  // namespace haltere::link
