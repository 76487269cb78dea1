#include "agent/deploy/mcu_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "models/bundle.hpp"
#include "models/kernels/bundle_layout.hpp"
#include "models/kernels/recipe.hpp"
#include "models/packer.hpp"
#include "tests/fakes/fd_port.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/simulated_board.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;
using fakes::SimulatedBoard;
using Bytes = std::vector<std::uint8_t>;

Bytes bundle_of(std::uint32_t version, std::vector<std::size_t> sizes = {9, 12, 4}) {
  std::mt19937 random(version);
  fakes::RandomNet net;
  net.sizes = std::move(sizes);
  net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
  net.version = version;
  net.id = "gesture";
  return fakes::random_bundle(net, random);
}

Bytes big_bundle(std::uint32_t version) { return bundle_of(version, {100, 120, 40, 5}); }

struct Fixture {
  explicit Fixture(const fakes::BoardOptions& options = {})
      : board(options), link(board.plug(), "tag", {}, {}, board.time()) {}
  SimulatedBoard board;
  McuLink link;
};

TEST(McuLink, PushesAModelAndInfersWithIt) {
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  const Bytes bundle = bundle_of(7);
  std::vector<std::size_t> steps;
  auto active = at.link.push(bundle, [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, bundle.size());
    steps.push_back(done);
  });
  ASSERT_TRUE(active) << active.error().message;
  EXPECT_EQ(active->model_version, 7U);
  EXPECT_EQ(steps.front(), 0U);
  EXPECT_EQ(steps.back(), bundle.size());
  auto model = models::Int8Model::create(bundle);
  ASSERT_TRUE(model);
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const auto features = fakes::random_features(9, random);
    auto inference = at.link.infer(features);
    ASSERT_TRUE(inference) << inference.error().message;
    EXPECT_EQ(inference->verdict, model->run(features).label);
    ASSERT_TRUE(std::ranges::equal(inference->outputs, model->outputs()));
    EXPECT_EQ(inference->model_hash, model->identity());
  }
  EXPECT_EQ(at.link.status()->inferences, 200U);
  EXPECT_EQ(at.link.traffic().repeated_requests, 0U);
}

TEST(McuLink, PacksTheWeightsForTheCoreThatAnswers) {
  const Bytes bundle = bundle_of(7);
  auto model = models::Int8Model::create(bundle);
  ASSERT_TRUE(model);
  std::mt19937 random(1);
  for (const auto core :
       {link::Core::cortex_m0, link::Core::cortex_m3, link::Core::cortex_m4f, link::Core::cortex_m7,
        link::Core::rv32im, link::Core::avr, link::Core::host}) {
    Fixture at({.core = core});
    ASSERT_TRUE(at.link.hello());
    const auto packing = packing_for(at.link.info());
    EXPECT_EQ(packing == kernels::WeightPacking::plain, core == link::Core::host);
    auto active = at.link.push(bundle);
    ASSERT_TRUE(active) << active.error().message;
    EXPECT_EQ(active->model_hash == model->identity(), core == link::Core::host);
    EXPECT_EQ(at.board.flash().bundle(0)[kernels::bundle_layout::packing_class],
              static_cast<std::uint8_t>(packing));
    for (int i = 0; i < 20; ++i) {
      const auto features = fakes::random_features(9, random);
      auto inference = at.link.infer(features);
      ASSERT_TRUE(inference) << inference.error().message;
      EXPECT_EQ(inference->verdict, model->run(features).label);
      ASSERT_TRUE(std::ranges::equal(inference->outputs, model->outputs()));
      EXPECT_EQ(inference->model_hash, active->model_hash);
    }
    ASSERT_TRUE(at.link.hello());
    const auto sent = at.link.traffic().sent_bytes;
    ASSERT_TRUE(at.link.push(bundle)) << "again";
    EXPECT_LT(at.link.traffic().sent_bytes - sent, 200U);
  }
}

TEST(McuLink, SendsPlainWeightsWherePackedOnesDoNotFitOrAreNotKnown) {
  const Bytes bundle = bundle_of(1, {40, 40, 40, 4});
  const Bytes packed = *models::pack(bundle, kernels::WeightPacking::pairs);
  ASSERT_GT(packed.size(), bundle.size());
  const auto plain_ram = kernels::self_test_scratch_bytes(*models::open(bundle));
  Fixture little({.ram_bytes = (plain_ram + 7) / 8 * 8, .core = link::Core::cortex_m3});
  ASSERT_TRUE(little.link.hello());
  auto active = little.link.push(bundle);
  ASSERT_TRUE(active) << active.error().message;
  EXPECT_EQ(active->model_hash, models::Int8Model::create(bundle)->identity());
  McuInfo older = little.link.info();
  EXPECT_EQ(packing_for(older), kernels::WeightPacking::pairs);
  older.packings = 1;
  EXPECT_EQ(packing_for(older), kernels::WeightPacking::plain);
}

TEST(McuLink, SpendsLessThanSixPercentOfTheLineOnEverythingElse) {
  Fixture at({.window_frames = 8});
  ASSERT_TRUE(at.link.hello());
  const Bytes bundle = bundle_of(1, {124, 110, 16, 5});
  ASSERT_NEAR(static_cast<double>(bundle.size()), 18000.0, 3000.0);
  ASSERT_TRUE(at.link.push(bundle));
  const auto& traffic = at.link.traffic();
  EXPECT_GE(static_cast<double>(bundle.size()) /
                static_cast<double>(traffic.sent_bytes + traffic.received_bytes),
            0.94);
}

TEST(McuLink, ContinuesATransferAfterAResetInItsMiddle) {
  const Bytes bundle = big_bundle(3);
  for (const int at_byte : {700, 3000, 9000, 15000}) {
    Fixture at;
    ASSERT_TRUE(at.link.hello());
    ASSERT_TRUE(at.link.push(bundle_of(1)));
    const auto before = at.link.traffic().sent_bytes;
    at.board.reset_after(at_byte);
    auto active = at.link.push(bundle);
    ASSERT_TRUE(active) << "reset at " << at_byte << ": " << active.error().message;
    EXPECT_EQ(at.board.boots(), 2U);
    EXPECT_EQ(at.link.infer(std::vector<float>(100))->model_version, 3U);
    const auto sent = at.link.traffic().sent_bytes - before;
    EXPECT_LT(sent, bundle.size() + std::size_t{4} * 511 + 1024 + 600)
        << "only the window and the started page are sent again";
    EXPECT_EQ(at.board.flash().violations, 0);
  }
}

TEST(McuLink, ContinuesATransferThatAnotherRunBegan) {
  SimulatedBoard board;
  const Bytes bundle = big_bundle(3);
  board.reset_after(8000);
  {
    McuLink link(board.plug(), "tag", {.attempts = 1}, {}, board.time());
    ASSERT_TRUE(link.hello());
    (void)link.push(bundle);
  }
  McuLink link(board.plug(), "tag", {}, {}, board.time());
  ASSERT_TRUE(link.hello());
  std::vector<std::size_t> steps;
  ASSERT_TRUE(link.push(bundle, [&](std::size_t done, std::size_t) { steps.push_back(done); }));
  EXPECT_GE(steps.front(), 4096U);
}

TEST(McuLink, RefusesBeforeSendingWhatDoesNotFit) {
  Fixture at({.slot_bytes = 8 * 1024, .ram_bytes = 128});
  ASSERT_TRUE(at.link.hello());
  const auto sent = at.link.traffic().sent_bytes;
  auto ram = at.link.push(bundle_of(1, {100, 60, 4}));
  ASSERT_FALSE(ram);
  EXPECT_EQ(ram.error().kind, ErrorKind::refused);
  EXPECT_EQ(ram.error().message,
            "model 'gesture' needs 164 B of RAM, mcu 'tag' has 128 B free (36 B missing)");
  auto flash = at.link.push(bundle_of(1, {40, 40, 40, 40, 40, 40, 40, 4}));
  ASSERT_FALSE(flash);
  EXPECT_NE(flash.error().message.find("of flash, mcu 'tag' has 7 KiB free ("), std::string::npos)
      << flash.error().message;
  Fixture roomy;
  ASSERT_TRUE(roomy.link.hello());
  auto inputs = roomy.link.push(bundle_of(1, {300, 8, 4}));
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().message,
            "model 'gesture' has 300 inputs, mcu 'tag' takes at most 254 at a time");
  EXPECT_EQ(at.link.traffic().sent_bytes, sent);
}

TEST(McuLink, RefusesWhatIsNoBundle) {
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  EXPECT_FALSE(at.link.push(Bytes(100, 1)));
  Bytes damaged = bundle_of(1);
  damaged[damaged.size() / 2] ^= 1;
  EXPECT_FALSE(at.link.push(damaged));
}

TEST(McuLink, RollsBackOnce) {
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  ASSERT_TRUE(at.link.push(bundle_of(1)));
  ASSERT_TRUE(at.link.push(bundle_of(2)));
  auto active = at.link.rollback();
  ASSERT_TRUE(active) << active.error().message;
  EXPECT_EQ(active->model_version, 1U);
  auto again = at.link.rollback();
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::refused);
  EXPECT_EQ(at.link.hello()->model_version, 1U);
}

TEST(McuLink, PushingTheActiveModelAgainCostsNoTransfer) {
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  const Bytes bundle = big_bundle(1);
  ASSERT_TRUE(at.link.push(bundle));
  const auto sent = at.link.traffic().sent_bytes;
  ASSERT_TRUE(at.link.push(bundle));
  EXPECT_LT(at.link.traffic().sent_bytes - sent, 200U);
  EXPECT_EQ(at.link.status()->switches, 1U);
}

TEST(McuLink, ExtractsTheSameFeaturesAsThisMachine) {
  std::mt19937 random(11);
  const Bytes bundle = fakes::random_window_bundle(3, 64, random);
  auto view = models::open(bundle);
  ASSERT_TRUE(view);
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  auto pushed = at.link.push(bundle);
  ASSERT_TRUE(pushed) << pushed.error().message;
  const auto window = fakes::random_features(std::size_t{3} * 64, random);
  auto there = at.link.extract(window);
  ASSERT_TRUE(there) << there.error().message;
  std::vector<float> here(view->inputs);
  std::vector<float> scratch(kernels::recipe_scratch_floats(view->recipe));
  kernels::evaluate_recipe(view->recipe, window.data(), 64, here.data(), scratch.data());
  ASSERT_EQ(there->size(), here.size());
  EXPECT_EQ(std::memcmp(there->data(), here.data(), 4 * here.size()), 0);
  EXPECT_FALSE(at.link.extract(std::vector<float>(5)));
}

TEST(McuLink, SaysSoWhenThereIsNoModelOrAWrongNumberOfFeatures) {
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  EXPECT_EQ(at.link.infer(std::vector<float>(3)).error().kind, ErrorKind::refused);
  ASSERT_TRUE(at.link.push(bundle_of(1)));
  auto wrong = at.link.infer(std::vector<float>(3));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, "mcu 'tag' refuses: wrong number of values, its model takes 9");
  EXPECT_EQ(at.link.infer(std::vector<float>(2000)).error().kind, ErrorKind::invalid);
}

TEST(McuLink, ASilentLineTimesOutAndAStopEndsTheWait) {
  const auto [near, far] = fakes::make_line();
  const fakes::FdPort silent(far);
  McuLink link(std::make_unique<fakes::FdPort>(near), "tag",
               {.reply_timeout = 10ms, .longest_timeout = 10ms, .attempts = 3});
  EXPECT_EQ(link.hello().error().kind, ErrorKind::timeout);
  EXPECT_EQ(link.traffic().repeated_requests, 2U);

  const auto [near2, far2] = fakes::make_line();
  const fakes::FdPort silent2(far2);
  std::stop_source source;
  McuLink patient(std::make_unique<fakes::FdPort>(near2), "tag",
                  {.reply_timeout = 60s, .longest_timeout = 60s, .attempts = 3},
                  source.get_token());
  const std::jthread stopper([&source] {
    std::this_thread::sleep_for(30ms);
    source.request_stop();
  });
  EXPECT_EQ(patient.hello().error().kind, ErrorKind::unavailable);
}

TEST(McuLink, ALineThatIsCutIsUnavailable) {
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  at.board.unplug();
  EXPECT_EQ(at.link.status().error().kind, ErrorKind::unavailable);
}

TEST(McuLink, ResetsTheMicrocontroller) {
  Fixture at;
  ASSERT_TRUE(at.link.hello());
  ASSERT_TRUE(at.link.push(bundle_of(4)));
  ASSERT_TRUE(at.link.reset());
  auto hello = at.link.hello();
  ASSERT_TRUE(hello);
  EXPECT_EQ(hello->boots, 2U);
  EXPECT_EQ(hello->model_version, 4U);
}

}  // namespace
}  // namespace haltere::agent
