// The ATmega2560's firmware in simavr: it computes what this machine computes, bit for bit, and
// resets at random times leave the old or the new model. HALTERE_THOROUGH=1: 200 resets, otherwise
// a few.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "models/bundle.hpp"
#include "tests/agent/scratch_folder.hpp"
#include "tests/environment.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/mcu/process/avr_board.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

constexpr unsigned seed = 20261122;

Bytes bundle_of(std::uint32_t version) { return fakes::bundle_of(version, {30, 24, 4}); }

class Avr : public testing::Test {
 protected:
  void SetUp() override {
    const auto image = std::filesystem::path(FIRMWARE_FOLDER) / "avr/firmware_mega2560.hex";
    ASSERT_TRUE(std::filesystem::exists(image))
        << image << " is missing; build it with ./dev build";
    board = std::make_unique<fakes::AvrBoard>("atmega2560", image.string());
    auto link = board->connect();
    ASSERT_TRUE(link) << link.error().message;
    device = std::move(link).value();
  }

  // Pushes `bundle` and compares `count` inferences with this machine's.
  void expect_agreement(const Bytes& bundle, int count, std::mt19937& random) {
    auto pushed = device->push(bundle);
    ASSERT_TRUE(pushed) << pushed.error().message;
    auto model = models::Int8Model::create(bundle);
    ASSERT_TRUE(model);
    for (int i = 0; i < count; ++i) {
      const auto features = fakes::random_features(model->view().inputs, random);
      auto there = device->infer(features);
      ASSERT_TRUE(there) << there.error().message;
      const auto verdict = model->run(features);
      ASSERT_TRUE(std::ranges::equal(there->outputs, model->outputs())) << "inference " << i;
      ASSERT_EQ(there->verdict, verdict.label);
    }
  }

  static bool failed(const std::string& why) {
    std::printf("after a reset: %s\n", why.c_str());
    return false;
  }

  /// Whether the model that runs there is one of these two and answers as it does here.
  bool runs_either(std::uint32_t before, std::uint32_t next) {
    const auto features = std::vector<float>(30, 0.5F);
    if (auto hello = device->hello(); !hello) return failed(hello.error().message);
    const auto there = device->infer(features);
    if (!there) return failed(there.error().message);
    if (there->model_version != before && there->model_version != next)
      return failed("model " + std::to_string(there->model_version));
    running = there->model_version;
    auto model = models::Int8Model::create(bundle_of(running)).value();
    model.run(features);
    return std::ranges::equal(model.outputs(), there->outputs);
  }

  std::unique_ptr<fakes::AvrBoard> board;
  std::unique_ptr<McuLink> device;
  std::uint32_t running = 1;
};

TEST_F(Avr, GivesTheHostsBytesOnRandomNets) {
  EXPECT_EQ(device->info().core, link::Core::avr);
  std::mt19937 random(seed);
  for (int round = 0; round < 6; ++round) {
    auto net = fakes::random_net(40, random);
    net.int4_from = round % 2 == 1 ? 64U : SIZE_MAX;
    ASSERT_NO_FATAL_FAILURE(expect_agreement(fakes::random_bundle(net, random), 10, random))
        << "net " << round;
  }
  EXPECT_TRUE(board->alive());
}

// Whatever the deepest of that needs: enrolment, sealed frames and models, self-test, inference.
TEST_F(Avr, EnrolledItTakesOnlySealedModelsAndItsStackFits) {
  constexpr std::size_t spare_bytes = 256;
  const ScratchFolder folder;
  device->set_keys(McuKeys(folder.path()));
  board->press_button(true);
  ASSERT_TRUE(device->hello());
  const auto name = device->enroll();
  ASSERT_TRUE(name) << name.error().message;
  board->press_button(false);
  std::mt19937 random(seed);
  ASSERT_NO_FATAL_FAILURE(expect_agreement(bundle_of(1), 5, random));
  ASSERT_NO_FATAL_FAILURE(expect_agreement(bundle_of(2), 5, random));
  const auto before = device->status();
  ASSERT_TRUE(before) << before.error().message;
  board->forge_next_frame();
  const auto after = device->status();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->crc_errors, before->crc_errors + 1) << "dropped and counted";
  ASSERT_TRUE(device->rollback());
  EXPECT_EQ(device->info().model_version, 1U);
  EXPECT_TRUE(board->alive());
  const std::size_t free_bytes = board->stop_and_count_untouched_ram();
  std::printf("ATmega2560: %zu bytes of RAM never written, between data and stack\n", free_bytes);
  EXPECT_GE(free_bytes, spare_bytes);
}

TEST_F(Avr, AModelThatHangsInItsTrialIsLeftByTheWatchdogsOneReset) {
  ASSERT_TRUE(device->push(bundle_of(1)));
  board->hang_after_activation();
  EXPECT_FALSE(device->push(bundle_of(2)));
  auto hello = device->hello();
  ASSERT_TRUE(hello) << hello.error().message;
  EXPECT_EQ(hello->reset_reason, link::ResetReason::watchdog);
  EXPECT_EQ(hello->boots, 2U);
  EXPECT_EQ(hello->model_version, 1U);
  EXPECT_TRUE(device->infer(std::vector<float>(30, 0.5F)));
  const auto status = device->status();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->boot_fallbacks, 1U);
}

TEST_F(Avr, RestartsWhenAsked) {
  ASSERT_TRUE(device->push(bundle_of(1)));
  ASSERT_TRUE(device->reset());
  auto hello = device->hello();
  ASSERT_TRUE(hello) << hello.error().message;
  EXPECT_EQ(hello->boots, 2U);
  EXPECT_EQ(hello->reset_reason, link::ResetReason::software);
  EXPECT_EQ(hello->model_version, 1U);
}

// A rollback switches as an activation does: a mark in flash, the structure of the other model.
TEST_F(Avr, SwitchesToItsFirstInferenceIn50Milliseconds) {
  constexpr double cycles_per_ms = 16000.0;
  ASSERT_TRUE(device->push(bundle_of(1)));
  ASSERT_TRUE(device->push(bundle_of(2)));
  const auto back = device->rollback();
  ASSERT_TRUE(back);
  const double to_switch = static_cast<double>(board->answer_cycles()) / cycles_per_ms;
  const auto inference = device->infer(std::vector<float>(30, 0.5F));
  ASSERT_TRUE(inference);
  EXPECT_EQ(inference->model_version, 1U);
  const double to_infer = static_cast<double>(board->answer_cycles()) / cycles_per_ms;
  std::printf(
      "ATmega2560 at 16 MHz, simulated: %.2f ms to switch, %.2f ms to infer, replies at "
      "115200 baud included\n",
      to_switch, to_infer);
  EXPECT_GT(to_switch, 0.0);
  EXPECT_LE(to_switch + to_infer, 50.0);
}

TEST_F(Avr, ResetsAtRandomTimesLeaveTheOldOrTheNewModel) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it
  const int resets = is_thorough() ? 200 : 3;
  std::mt19937 random(seed);
  ASSERT_TRUE(device->push(bundle_of(1)));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(device->push(bundle_of(2)));
  const std::chrono::duration<double, std::milli> usual = std::chrono::steady_clock::now() - start;
  running = 2;
  int bad = 0;
  int old_models = 0;
  for (int i = 0; i < resets; ++i) {
    const std::uint32_t before = running;
    const double at_ms = std::uniform_real_distribution<double>(0.0, 1.2 * usual.count())(random);
    std::jthread cut([&, at_ms] {
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(at_ms));
      board->reset();
    });
    (void)device->push(bundle_of(before + 1));
    cut.join();
    if (!runs_either(before, before + 1)) ++bad;
    if (running == before) ++old_models;
  }
  std::printf("random resets: %d; then the old model ran %d times, the new one %d times, none %d\n",
              resets, old_models, resets - old_models - bad, bad);
  EXPECT_EQ(bad, 0);
  EXPECT_EQ(device->info().boots, 1U + static_cast<unsigned>(resets)) << "all of them happened";
  EXPECT_TRUE(board->alive());
}

}  // namespace
}  // namespace haltere::agent
