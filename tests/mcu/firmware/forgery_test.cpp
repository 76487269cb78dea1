// Whoever lacks the key, or has an old message, changes nothing: each threat of RFC 9124 that a
// test can show, and every single flipped bit of a sealed bundle. HALTERE_THOROUGH=1 flips all of
// them in the bundle, otherwise a part.
#include <array>
#include <cstring>
#include <string>

#include "tests/environment.hpp"
#include "tests/mcu/firmware/sealed.hpp"

namespace haltere::firmware {
namespace {

/// An enrolled device that runs model 1, counter 5; model 2 is the one that forgers would like.
class Forgery : public testing::Test {
 protected:
  Forgery() : device_(std::in_place, flash_) {
    device_->button = true;
    EXPECT_TRUE(accepts(MessageType::enroll, enrolment()));
    device_->button = false;
    device_->join(key.data());
    device_->install(sealed(bundle_of(4), 4));
    device_->install(genuine_);
    EXPECT_EQ(device_->hello().model_version, 1U);
    device_->join(key.data(), 2);
  }

  ~Forgery() override {
    std::printf("%-34s forgeries tried: %6llu; accepted: %llu\n",
                testing::UnitTest::GetInstance()->current_test_info()->name(),
                static_cast<unsigned long long>(tried_),
                static_cast<unsigned long long>(accepted_));
    EXPECT_GT(tried_, 0U);
    EXPECT_EQ(accepted_, 0U);
    tried_in_all += tried_;
    accepted_in_all += accepted_;
  }

  static void TearDownTestSuite() {
    std::printf("forgeries tried: %llu; accepted: %llu\n",
                static_cast<unsigned long long>(tried_in_all),
                static_cast<unsigned long long>(accepted_in_all));
  }

  bool accepts(MessageType type, const Bytes& payload) {
    const auto reply = device_->ask(type, payload);
    return reply && reply->type == (static_cast<std::uint8_t>(type) | link::reply_bit);
  }

  /// All its memory that `begin` does not have to change: the active slot and the vault.
  [[nodiscard]] Bytes kept() {
    const std::uint8_t* base = flash_.storage().base;
    Bytes bytes(base, base + flash_.storage().slot_bytes * 2 + flash_.storage().vault_bytes);
    // Model 1 lies in slot 1.
    bytes.erase(bytes.begin(), bytes.begin() + flash_.storage().slot_bytes);
    return bytes;
  }

  [[nodiscard]] Bytes all_memory() {
    const std::uint8_t* base = flash_.storage().base;
    return {base, base + flash_.storage().slot_bytes * 2 + flash_.storage().vault_bytes};
  }

  /// A bundle that somebody hands over in a good session; the error it is refused with.
  ErrorCode hand_over(const Bytes& forged) {
    const Bytes before = kept();
    ++tried_;
    const std::uint64_t hash = Device::hash_of(forged);
    device_->transfer(forged, hash);
    const auto error = device_->error_of(MessageType::commit, link::HashRequest{hash}).code;
    const bool activated = accepts(MessageType::activate, payload_of(link::HashRequest{hash}));
    if (error == ErrorCode::none || activated || kept() != before) ++accepted_;
    return error;
  }

  /// Bytes on the line of somebody without the key: nothing at all may change.
  void inject(const Bytes& wire) {
    const Bytes before = all_memory();
    ++tried_;
    const Bytes said = device_->hear(wire);
    Bytes buffer(1024);
    link::FrameDecoder decoder(buffer.data(), buffer.size());
    decoder.allow_sealed(true);
    for (const std::uint8_t byte : said) {
      if (decoder.take(byte) && (decoder.frame().flags & link::sealed_flag) != 0) ++accepted_;
    }
    if (all_memory() != before) ++accepted_;
  }

  MemoryFlash flash_{16 * 1024};
  std::optional<Device> device_;
  Bytes genuine_ = sealed(bundle_of(1), 5);
  std::uint64_t tried_ = 0;
  std::uint64_t accepted_ = 0;
  static inline std::uint64_t tried_in_all = 0;
  static inline std::uint64_t accepted_in_all = 0;
};

// THREAT.IMG.EXPIRED, and its offline kind: what was good once.
TEST_F(Forgery, OlderModelsAreRefused) {
  for (const std::uint32_t counter : {0U, 1U, 4U, 5U}) {
    EXPECT_EQ(hand_over(sealed(bundle_of(2), counter)), ErrorCode::outdated) << counter;
  }
  device_.emplace(flash_);
  device_->join(key.data(), 3);
  EXPECT_EQ(hand_over(sealed(bundle_of(2), 5)), ErrorCode::outdated) << "after a start too";
}

// THREAT.IMG.INCOMPATIBLE
TEST_F(Forgery, ModelsOfOtherDevicesAreRefused) {
  auto other = device_id;
  other[11] ^= 1;
  EXPECT_EQ(hand_over(sealed(bundle_of(2), 6, key, other)), ErrorCode::not_authentic);
  for (const auto target : {link::Core::cortex_m0, link::Core::cortex_m4f, link::Core::avr}) {
    EXPECT_EQ(hand_over(sealed(bundle_of(2), 6, key, device_id, target)), ErrorCode::not_authentic);
  }
}

// THREAT.IMG.FORMAT
TEST_F(Forgery, OtherFormatsAreRefusedThoughSealed) {
  Bytes other = bundle_of(2);
  other[4] = 2;
  EXPECT_EQ(hand_over(sealed(other, 6)), ErrorCode::bad_bundle);
  EXPECT_EQ(hand_over(sealed(Bytes(1000, 0x55), 6)), ErrorCode::bad_bundle);
  EXPECT_EQ(hand_over(Bytes(20, 0)), ErrorCode::not_authentic) << "shorter than a seal";
}

// THREAT.IMG.NON_AUTH
TEST_F(Forgery, UnsealedAndWronglySealedModelsAreRefused) {
  EXPECT_EQ(hand_over(bundle_of(2)), ErrorCode::not_authentic);
  for (std::size_t bit = 0; bit < 128; ++bit) {
    auto near = key;
    near[bit / 8] = static_cast<std::uint8_t>(near[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_EQ(hand_over(sealed(bundle_of(2), 6, near)), ErrorCode::not_authentic);
  }
  Bytes no_tag = bundle_of(2);
  no_tag[19] = 1;
  fix_crc(no_tag);
  EXPECT_EQ(hand_over(no_tag), ErrorCode::not_authentic);
}

// THREAT.IMG.EXTRA, and what is cut off
TEST_F(Forgery, TrailingBytesAndTruncationsAreRefused) {
  const Bytes good = sealed(bundle_of(2), 6);
  for (const std::size_t extra : {1U, 4U, 16U, 1000U}) {
    Bytes longer = good;
    longer.resize(good.size() + extra, 0);
    EXPECT_EQ(hand_over(longer), ErrorCode::not_authentic);
    fix_crc(longer);
    EXPECT_EQ(hand_over(longer), ErrorCode::not_authentic);
  }
  for (std::size_t size = 1; size < good.size(); size += is_thorough() ? 1U : 13U) {
    Bytes shorter(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(hand_over(shorter), ErrorCode::not_authentic) << size;
  }
}

// THREAT.IMG.LOCATION
TEST_F(Forgery, NothingIsWrittenElsewhere) {
  const Bytes good = sealed(bundle_of(2), 6);
  const auto length = static_cast<std::uint32_t>(good.size());
  const Bytes before = kept();
  EXPECT_EQ(device_->error_of(MessageType::begin, link::BeginRequest{0xFFFFFFFF, 7}).code,
            ErrorCode::too_big);
  device_->reply_to<link::BeginReply>(MessageType::begin, link::BeginRequest{length, 7});
  for (const std::uint32_t offset : {length, 64U * 1024, 0x7FFFFFFFU, 0xFFFFFFFCU}) {
    ++tried_;
    const link::DataRequest data{offset, good.data(), 8};
    EXPECT_EQ(device_->error_of(MessageType::data, data).code, ErrorCode::out_of_range);
  }
  if (kept() != before) ++accepted_;
}

// THREAT.IMG.REPLACE: other bytes between check and use
TEST_F(Forgery, ACheckedModelCannotBeReplaced) {
  const Bytes good = sealed(bundle_of(2), 6);
  const std::uint64_t hash = Device::hash_of(good);
  device_->transfer(good, hash);
  device_->reply_to<link::CommitReply>(MessageType::commit, link::HashRequest{hash});
  const Bytes checked = all_memory();
  Bytes evil(496, 0xAA);
  for (std::uint32_t offset = 0; offset + 496 < good.size(); offset += 496) {
    ++tried_;
    (void)device_->ask(MessageType::data, link::DataRequest{offset, evil.data(), evil.size()});
    if (all_memory() != checked) ++accepted_;
  }
  ++tried_;
  if (accepts(MessageType::activate, payload_of(link::HashRequest{hash + 1}))) ++accepted_;
}

// THREAT.UPD.WRONG_PRECURSOR: the rest of one bundle onto the beginning of another
TEST_F(Forgery, HalvesOfTwoModelsAreRefused) {
  const Bytes first = sealed(bundle_of(2), 6);
  const Bytes second = sealed(bundle_of(3), 7);
  for (std::size_t cut = 64; cut < std::min(first.size(), second.size()); cut += 64) {
    Bytes mixed(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(cut));
    mixed.insert(mixed.end(), second.begin() + static_cast<std::ptrdiff_t>(cut), second.end());
    EXPECT_EQ(hand_over(mixed), ErrorCode::not_authentic);
  }
}

// THREAT.UPD.UNAPPROVED, THREAT.MFST.OVERRIDE: requests that nobody with the key made
TEST_F(Forgery, UnsealedRequestsAreRefused) {
  device_->part();
  const Bytes before = all_memory();
  for (int type = 2; type < 32; ++type) {
    for (const std::size_t size : {0U, 8U, 9U, 28U, 100U}) {
      ++tried_;
      if (accepts(static_cast<MessageType>(type), Bytes(size, std::uint8_t{1}))) ++accepted_;
    }
  }
  link::EnrollRequest enroll;
  ++tried_;
  if (accepts(MessageType::enroll, payload_of(enroll))) ++accepted_;
  if (all_memory() != before) ++accepted_;
}

// THREAT.NET.ONPATH: recorded, and said again
TEST_F(Forgery, ReplayedFramesAreRefused) {
  std::vector<Bytes> recorded;
  for (int i = 0; i < 200; ++i) {
    recorded.push_back(device_->sealed_wire(MessageType::status, {}));
    EXPECT_FALSE(device_->hear(recorded.back()).empty());
  }
  for (const Bytes& wire : recorded) inject(wire);
  // In a session that the same hello begins, and after a start.
  device_->join(key.data(), 2);
  for (const Bytes& wire : recorded) inject(wire);
  device_.emplace(flash_);
  for (const Bytes& wire : recorded) inject(wire);
  device_->join(key.data(), 2);
  for (const Bytes& wire : recorded) inject(wire);
  // A reply is no request.
  const Bytes reply = device_->hear(device_->sealed_wire(MessageType::status, {}));
  inject(reply);
}

// THREAT.IMG.DISCLOSURE
TEST_F(Forgery, TheLineShowsNothingOfTheModel) {
  const Bytes good = sealed(bundle_of(2), 6);
  for (std::size_t at = 0; at + 256 <= good.size(); at += 256) {
    const link::DataRequest data{0, good.data() + at, 256};
    const Bytes wire = device_->sealed_wire(MessageType::data, payload_of(data));
    for (std::size_t part = at; part < at + 248; part += 8) {
      ++tried_;
      const auto* bytes = good.data() + part;
      if (std::all_of(bytes, bytes + 8, [](auto byte) { return byte == 0; })) continue;
      if (std::search(wire.begin(), wire.end(), bytes, bytes + 8) != wire.end()) ++accepted_;
    }
  }
}

// THREAT.NET.ONPATH: every bit of every frame of a 4 KiB bundle on the line
TEST_F(Forgery, EveryFlippedBitOnTheLineIsRefused) {
  const Bytes good = sealed(bundle_of(2, {36, 38, 16, 6}), 6);
  device_->reply_to<link::BeginReply>(
      MessageType::begin,
      link::BeginRequest{static_cast<std::uint32_t>(good.size()), Device::hash_of(good)});
  std::printf("bundle of %zu bytes\n", good.size());
  std::uint64_t frames = 0;
  for (std::size_t at = 0; at < good.size(); at += 484) {
    const link::DataRequest data{static_cast<std::uint32_t>(at), good.data() + at,
                                 std::min<std::size_t>(484, good.size() - at)};
    const Bytes wire = device_->sealed_wire(MessageType::data, payload_of(data));
    for (std::size_t bit = 0; bit < 8 * (wire.size() - 1); ++bit) {
      Bytes forged = wire;
      forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
      inject(forged);
    }
    (void)device_->hear(wire);
    ++frames;
  }
  EXPECT_TRUE(accepts(MessageType::commit, payload_of(link::HashRequest{Device::hash_of(good)})))
      << "unchanged it is taken";
}

// THREAT.IMG.NON_AUTH, THREAT.MFST.MODIFICATION: every bit of a sealed 4 KiB bundle, its hash and
// CRC made to fit
TEST_F(Forgery, EveryFlippedBitOfASealedBundleIsRefused) {
  const Bytes good = sealed(bundle_of(2, {36, 38, 16, 6}), 6);
  const std::size_t step = is_thorough() ? 1 : 61;
  for (std::size_t bit = 0; bit < 8 * good.size(); bit += step) {
    Bytes forged = good;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    const bool in_crc = bit / 8 >= good.size() - 4;
    if (!in_crc) fix_crc(forged);
    ASSERT_NE(hand_over(forged), ErrorCode::none) << "bit " << bit;
  }
  EXPECT_EQ(device_->hello().model_version, 1U);
  device_->join(key.data(), 3);
  device_->install(good);
  EXPECT_EQ(device_->hello().model_version, 2U) << "unchanged it is taken";
}

}  // namespace
}  // namespace haltere::firmware
