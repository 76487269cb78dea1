// Hand-overs to the host's firmware through a bad cable: bit errors, frames that get lost, come
// twice or in another order, and a plug that is pulled in the middle of a frame. Each completes or
// fails clean. HALTERE_THOROUGH=1: 1,000 of each kind, otherwise a few.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "mcu/firmware/ports/host/file_storage.hpp"
#include "mcu/firmware/slots.hpp"
#include "mcu/link/checksum.hpp"
#include "mcu/link/seal.hpp"
#include "models/bundle.hpp"
#include "tests/environment.hpp"
#include "tests/fakes/noisy_line.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/subprocess.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t slot_bytes = 16 * 1024;
constexpr std::size_t inputs = 60;
constexpr LinkPatience patience{.reply_timeout = 60ms, .longest_timeout = 500ms, .attempts = 12};
// A pseudo-terminal takes no time: what is late is this machine.
constexpr LinkPatience quiet_patience{
    .reply_timeout = 1000ms, .longest_timeout = 4000ms, .attempts = 6};

Bytes bundle_of(std::uint32_t version) {
  std::mt19937 random(version);
  fakes::RandomNet net;
  net.sizes = {inputs, 60, 20, 4};
  net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
  net.version = version;
  return fakes::random_bundle(net, random);
}

struct Tally {
  int complete = 0;
  int failed_clean = 0;
  int repeated = 0;  ///< that completed when they were asked again
  int power_cuts = 0;
  int wrong = 0;
};

/// The firmware as a process behind a bad cable, and the board that hands models over.
class Noise : public testing::TestWithParam<bool> {
 protected:
  static constexpr fakes::FrameNoise bad{
      .bit_error_rate = 1e-4, .loss_rate = 0.01, .duplicate_rate = 0.01, .swap_rate = 0.01};

  Noise() {
    std::filesystem::create_directories(folder);
    power_up();
  }
  ~Noise() override {
    process.reset();
    std::filesystem::remove_all(folder);
  }

  void power_up() {
    process = std::make_unique<fakes::Subprocess>(
        std::vector<std::string>{FIRMWARE_HOST, "--flash", flash(), "--slot",
                                 std::to_string(slot_bytes), "--button", "36000"});
    line.attach(process->read_line());
  }

  [[nodiscard]] std::string flash() const { return (folder / "flash").string(); }
  [[nodiscard]] McuKeys keys() const { return McuKeys(folder); }

  std::unique_ptr<McuLink> open_link(const LinkPatience& with) {
    auto port = sensors::open_serial_port(line.plug(), 115200);
    if (!port) return nullptr;
    auto link = std::make_unique<McuLink>(std::move(port).value(), "mcu", with);
    link->set_keys(keys());
    return link;
  }

  /// As `haltere mcu push` does it.
  Status hand_over(const Bytes& bundle, std::size_t unplug_after) {
    const auto link = open_link(patience);
    if (link == nullptr) return Error{ErrorKind::unavailable, "cannot open"};
    if (unplug_after > 0) line.unplug_after(unplug_after);
    if (auto there = link->hello(); !there) return there.error();
    if (auto pushed = link->push(bundle); !pushed) return pushed.error();
    return {};
  }

  /// Which of both models runs there, by its version; 0: none of them, or not as it should.
  std::uint32_t running(std::uint32_t old_version, std::uint32_t new_version) {
    line.set_noise({});
    const auto link = open_link(quiet_patience);
    if (link == nullptr || !link->hello()) return 0;
    const McuInfo info = link->info();
    if (info.model_version != old_version && info.model_version != new_version) return 0;
    Bytes expected = bundle_of(info.model_version);
    const std::vector<float> features(inputs, 0.5F);
    const auto there = link->infer(features);
    auto here = models::Int8Model::create(expected).value();
    here.run(features);
    const bool right = there && there->model_hash == info.model_hash &&
                       std::ranges::equal(here.outputs(), there->outputs) &&
                       is_stored(info, expected);
    return right ? info.model_version : 0;
  }

  /// Whether the active slot holds `expected` to the byte, sealed where the device is enrolled, and
  /// the hash that the device says is that of these bytes.
  [[nodiscard]] bool is_stored(const McuInfo& info, Bytes& expected) const {
    firmware::FileStorage storage;
    if (!storage.open(flash(), slot_bytes)) return false;
    const firmware::Slots slots(storage.storage());
    const firmware::SlotRecord record = slots.record(info.active_slot);
    const std::uint8_t* bytes = slots.bundle(info.active_slot);
    if (!record.usable() || record.length_bytes != expected.size()) return false;
    if (GetParam()) {
      const auto key = keys().find(info.device);
      if (!key || !key->has_value()) return false;
      const link::BundleSeal seal = link::read_bundle_seal(bytes);
      link::seal_bundle((*key)->key.data(), seal, expected.data(), expected.size());
      const std::uint32_t crc = link::crc32_iso_hdlc(0, expected.data(), expected.size() - 4);
      link::ByteWriter(expected.data() + expected.size() - 4, 4).u32(crc);
    }
    return std::equal(expected.begin(), expected.end(), bytes) &&
           link::fnv1a_64(link::fnv1a_start, expected.data(), expected.size()) == info.model_hash;
  }

  void judge(std::uint32_t version, const Status& done, Tally& tally) {
    const std::uint32_t there = running(version - 1, version);
    const bool right = done ? there == version : there != 0;
    if (!right) {
      ++tally.wrong;
      std::printf("hand-over %u, %s: model %u runs\n", version,
                  done ? "complete" : done.error().message.c_str(), there);
    } else {
      done ? ++tally.complete : ++tally.failed_clean;
    }
  }

  /// What failed is asked again, through the same noise, until it is there.
  void repeat(std::uint32_t version, Tally& tally) {
    for (unsigned again = 1; running(version, version) == 0; ++again) {
      ASSERT_LT(again, 10U) << "hand-over " << version << " never completes";
      set_noise(version + 100000 * again);
      (void)hand_over(bundle_of(version), 0);
    }
    ++tally.repeated;
  }

  void set_noise(unsigned seed) {
    fakes::FrameNoise noise = bad;
    noise.seed = seed;
    line.set_noise(noise);
  }

  /// Version over version - 1. Each third time the plug is pulled, and half of these times the
  /// microcontroller has its power from it.
  void round(std::uint32_t version, Tally& tally) {
    const Bytes bundle = bundle_of(version);
    std::mt19937 random(version);
    const bool pulls = version % 3 == 0;
    const std::size_t at =
        pulls ? std::uniform_int_distribution<std::size_t>(1, 5 * bundle.size() / 2)(random) : 0;
    set_noise(version);
    const Status done = hand_over(bundle, at);
    if (!line.plugged() && version % 6 == 0) {
      ++tally.power_cuts;
      process->kill();
      power_up();
    }
    judge(version, done, tally);
    if (!done) repeat(version, tally);
  }

  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("haltere-noise-" + std::to_string(getpid()));
  std::unique_ptr<fakes::Subprocess> process;
  fakes::NoisyLine line;
};

TEST_P(Noise, LeavesTheOldOrTheNewModelAfterEachHandOver) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
  const int rounds = is_thorough() ? 1000 : 5;
  if (GetParam()) {
    const auto link = open_link(quiet_patience);
    ASSERT_TRUE(link && link->hello());
    ASSERT_TRUE(link->enroll());
  }
  ASSERT_TRUE(hand_over(bundle_of(1), 0));
  Tally tally;
  for (int i = 0; i < rounds; ++i) {
    ASSERT_NO_FATAL_FAILURE(round(static_cast<std::uint32_t>(i) + 2, tally));
  }
  const fakes::NoiseCounts noise = line.counts();
  std::printf(
      "%s: %d hand-overs: %d complete, %d failed clean, %d wrong; %d completed when asked again\n"
      "  %llu frames: %llu bits flipped, %llu frames lost, %llu doubled, %llu swapped; unplugged "
      "in "
      "a frame %llu times, %d of them with its power\n",
      GetParam() ? "sealed" : "unsealed", rounds, tally.complete, tally.failed_clean, tally.wrong,
      tally.repeated, static_cast<unsigned long long>(noise.frames),
      static_cast<unsigned long long>(noise.flipped_bits),
      static_cast<unsigned long long>(noise.lost),
      static_cast<unsigned long long>(noise.duplicates),
      static_cast<unsigned long long>(noise.swapped),
      static_cast<unsigned long long>(noise.unplugged), tally.power_cuts);
  EXPECT_EQ(tally.wrong, 0);
  EXPECT_EQ(tally.complete + tally.failed_clean, rounds);
  EXPECT_EQ(tally.repeated, tally.failed_clean);
  EXPECT_GT(noise.flipped_bits, 0U);
  EXPECT_GT(noise.unplugged, 0U);
}

INSTANTIATE_TEST_SUITE_P(Lines, Noise, testing::Bool(),
                         [](const auto& sealed) { return sealed.param ? "Sealed" : "Unsealed"; });

}  // namespace
}  // namespace haltere::agent
