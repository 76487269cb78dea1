// The firmware of each emulated board computes what this machine computes, bit for bit.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "mcu/link/checksum.hpp"
#include "models/bundle.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/subprocess.hpp"
#include "tests/fakes/wave_bundle.hpp"
#include "tests/mcu/process/emulated_board.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

constexpr unsigned seed = 20261121;

class Qemu : public testing::TestWithParam<fakes::Board> {
 protected:
  void SetUp() override {
    if (!fakes::has_program(GetParam().emulator))
      GTEST_SKIP() << GetParam().emulator << " is not installed";
    ASSERT_TRUE(std::filesystem::exists(std::filesystem::path(FIRMWARE_FOLDER) / GetParam().image))
        << GetParam().image << " is missing; build it with ./dev build";
    board_ = std::make_unique<fakes::EmulatedBoard>(GetParam(), FIRMWARE_FOLDER);
    auto link = board_->connect();
    ASSERT_TRUE(link) << link.error().message;
    link_ = std::move(link).value();
  }

  // Pushes `bundle` and compares `count` inferences with this machine's.
  void expect_agreement(const Bytes& bundle, int count, std::mt19937& random) {
    auto pushed = link_->push(bundle);
    ASSERT_TRUE(pushed) << pushed.error().message;
    auto model = models::Int8Model::create(bundle);
    ASSERT_TRUE(model);
    for (int i = 0; i < count; ++i) {
      const auto features = fakes::random_features(model->view().inputs, random);
      auto there = link_->infer(features);
      ASSERT_TRUE(there) << there.error().message;
      const auto verdict = model->run(features);
      ASSERT_TRUE(std::ranges::equal(there->outputs, model->outputs())) << "inference " << i;
      ASSERT_EQ(there->verdict, verdict.label);
    }
  }

  std::unique_ptr<fakes::EmulatedBoard> board_;
  std::unique_ptr<McuLink> link_;
};

TEST_P(Qemu, SaysWhichCoreItIs) {
  const McuInfo& info = link_->info();
  EXPECT_EQ(info.core, GetParam().core);
  EXPECT_EQ(info.boots, 1U);
  EXPECT_EQ(info.active_slot, link::no_slot);
  EXPECT_GE(info.ram_bytes, 4096U);
}

TEST_P(Qemu, GivesTheHostsBytesOnRandomNets) {
  std::mt19937 random(seed);
  std::printf("seed %u\n", seed);
  for (int round = 0; round < 16; ++round) {
    const auto net = fakes::random_net(48, random);
    ASSERT_NO_FATAL_FAILURE(expect_agreement(fakes::random_bundle(net, random), 25, random))
        << "net " << round;
  }
}

TEST_P(Qemu, GivesTheHostsBytesOnNetsWithInt4Layers) {
  std::mt19937 random(seed);
  for (int round = 0; round < 6; ++round) {
    auto net = fakes::random_net(48, random);
    net.int4_from = round % 2 == 0 ? 0 : 300;
    ASSERT_NO_FATAL_FAILURE(expect_agreement(fakes::random_bundle(net, random), 10, random))
        << "net " << round;
  }
}

TEST_P(Qemu, ComputesTheHostsFeatures) {
  std::mt19937 random(seed);
  // A window, and its features, that one frame of the smallest board carries.
  const Bytes bundle = fakes::random_window_bundle(2, 60, random);
  auto pushed = link_->push(bundle);
  ASSERT_TRUE(pushed) << pushed.error().message;
  auto view = models::open(bundle);
  ASSERT_TRUE(view);
  std::vector<float> here(view->inputs);
  std::vector<float> scratch(kernels::recipe_scratch_floats(view->recipe));
  for (int round = 0; round < 40; ++round) {
    std::vector<float> window(2 * 60);
    const float span = round % 2 == 0 ? 4.0F : 4000.0F;
    for (float& x : window) x = std::uniform_real_distribution<float>(-span, span)(random);
    auto there = link_->extract(window);
    ASSERT_TRUE(there) << there.error().message;
    kernels::evaluate_recipe(view->recipe, window.data(), 60, here.data(), scratch.data());
    ASSERT_EQ(there->size(), here.size());
    for (std::size_t i = 0; i < here.size(); ++i) {
      ASSERT_EQ(std::memcmp(&here[i], &(*there)[i], 4), 0)
          << "feature " << i << ": here " << here[i] << ", there " << (*there)[i];
    }
  }
}

TEST_P(Qemu, ResumesAfterAResetInMidTransfer) {
  std::mt19937 random(seed);
  ASSERT_NO_FATAL_FAILURE(expect_agreement(
      fakes::random_bundle({.sizes = {20, 8, 4}, .activations = {kernels::Activation::relu}},
                           random),
      2, random));
  const Bytes bundle = fakes::random_bundle(
      {.sizes = {100, 110, 20, 5}, .activations = {kernels::Activation::relu}, .version = 2},
      random);
  // Half of it by one link that is then abandoned; a second link resets the board.
  std::stop_source stop;
  link_.reset();
  auto port = sensors::open_serial_port(board_->device(), 115200);
  ASSERT_TRUE(port) << port.error().message;
  {
    McuLink cut(std::move(port).value(), "cut", {}, stop.get_token());
    ASSERT_TRUE(cut.hello());
    EXPECT_FALSE(cut.push(bundle, [&stop](std::size_t done, std::size_t total) {
      if (done > total / 2) stop.request_stop();
    }));
  }
  auto link = board_->connect();
  ASSERT_TRUE(link) << link.error().message;
  link_ = std::move(link).value();
  ASSERT_TRUE(link_->reset());
  ASSERT_TRUE(link_->hello());
  EXPECT_EQ(link_->info().boots, 2U);
  EXPECT_EQ(link_->info().reset_reason, link::ResetReason::software);
  EXPECT_EQ(link_->info().model_version, 1U) << "the active model survives the reset";
  std::size_t resumed_at = bundle.size();
  auto pushed = link_->push(
      bundle, [&](std::size_t done, std::size_t) { resumed_at = std::min(resumed_at, done); });
  ASSERT_TRUE(pushed) << pushed.error().message;
  EXPECT_GT(resumed_at, 0U);
  EXPECT_LT(resumed_at, bundle.size());
  ASSERT_NO_FATAL_FAILURE(expect_agreement(bundle, 5, random));
  auto back = link_->rollback();
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->model_version, 1U);
}

TEST_P(Qemu, RefusesALyingSelfTestAndKeepsTheModel) {
  std::mt19937 random(seed);
  const Bytes good = fakes::random_bundle(
      {.sizes = {12, 8, 4},
       .activations = {kernels::Activation::tanh, kernels::Activation::softmax}},
      random);
  ASSERT_NO_FATAL_FAILURE(expect_agreement(good, 3, random));
  Bytes lying = good;
  lying[lying.size() - 8] = static_cast<std::uint8_t>(lying[lying.size() - 8] ^ 1);
  const std::uint32_t crc = link::crc32_iso_hdlc(0, lying.data(), lying.size() - 4);
  link::ByteWriter(lying.data() + lying.size() - 4, 4).u32(crc);
  auto refused = link_->push(lying);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::refused);
  EXPECT_NE(refused.error().message.find("self-test"), std::string::npos);
  auto hello = link_->hello();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->active_slot, 0);
}

// In emulated time, so that no sample is lost however slowly this machine emulates.
TEST_P(Qemu, DecidesByItsOwnSensorAsThisMachineWould) {
  if (!GetParam().has_sensor) GTEST_SKIP() << "this port has no sensor";
  link_.reset();
  board_ = std::make_unique<fakes::EmulatedBoard>(GetParam(), FIRMWARE_FOLDER,
                                                  std::vector<std::string>{"-icount", "shift=6"});
  auto link = board_->connect();
  ASSERT_TRUE(link) << link.error().message;
  link_ = std::move(link).value();
  // The M0 computes its floats in software.
  const bool slow = GetParam().core == link::Core::cortex_m0;
  const Bytes bundle = fakes::wave_bundle({.rate_hz = slow ? 150.0F : 400.0F});
  auto pushed = link_->push(bundle);
  ASSERT_TRUE(pushed) << pushed.error().message;
  Result<McuStatistics> statistics = link_->statistics();
  for (int i = 0; i < 300 && statistics && statistics->counts.windows < 20; ++i) {
    std::this_thread::sleep_for(50ms);
    statistics = link_->statistics();
  }
  ASSERT_TRUE(statistics) << statistics.error().message;
  const link::StatisticsReply& counts = statistics->counts;
  ASSERT_GE(counts.windows, 20U);
  EXPECT_EQ(counts.lost_samples, 0U);
  const auto judgements = fakes::judge_wave(bundle, 64 + 32 * (counts.windows - 1));
  ASSERT_EQ(judgements.size(), counts.windows);
  std::vector<std::uint32_t> histogram(5);
  for (const auto& judgement : judgements) {
    ++histogram[judgement.verdict.label < 0 ? 4
                                            : static_cast<std::size_t>(judgement.verdict.label)];
  }
  EXPECT_EQ(statistics->histogram, histogram);
  const double asleep =
      static_cast<double>(counts.asleep_ticks) / static_cast<double>(counts.ticks);
  std::printf("%s: %u windows of 64 samples at %g Hz, asleep %.1f %% of the time\n",
              GetParam().machine.c_str(), counts.windows, slow ? 150.0 : 400.0, 100.0 * asleep);
  EXPECT_GT(asleep, 0.0);
}

std::string name_of(const testing::TestParamInfo<fakes::Board>& instance) {
  std::string name = instance.param.machine;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Boards, Qemu, testing::ValuesIn(fakes::boards()), name_of);
INSTANTIATE_TEST_SUITE_P(Relatives, Qemu, testing::ValuesIn(fakes::relatives()), name_of);

}  // namespace
}  // namespace haltere::agent
