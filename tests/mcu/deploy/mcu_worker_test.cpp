#include "agent/deploy/mcu_worker.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/fakes/firmware_board.hpp"
#include "tests/fakes/random_bundle.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;
using fakes::FirmwareBoard;

BundleBytes bundle_of(std::uint32_t version, std::size_t hidden = 12) {
  std::mt19937 random(version);
  fakes::RandomNet net;
  net.sizes = {9, hidden, 4};
  net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
  net.version = version;
  return std::make_shared<const std::vector<std::uint8_t>>(fakes::random_bundle(net, random));
}

McuWorkerSettings quick_settings() {
  McuWorkerSettings settings;
  settings.id = "tag";
  settings.queue_windows = 8;
  settings.first_backoff = 5ms;
  settings.longest_backoff = 20ms;
  return settings;
}

OpenPort opening(FirmwareBoard& board) {
  return [&board](std::string_view, int) -> Result<std::unique_ptr<sensors::SerialPort>> {
    return board.plug();
  };
}

bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

const std::vector<float> features(9, 0.25F);

TEST(McuWorker, HandsOverAndComparesEveryInference) {
  FirmwareBoard board;
  McuWorker worker(quick_settings(), opening(board));
  worker.start();
  worker.offer(bundle_of(3));
  std::mt19937 random(1);
  for (int i = 0; i < 50; ++i) {
    worker.infer(fakes::random_features(9, random));
    ASSERT_TRUE(worker.drain(10s));
  }
  const McuSnapshot now = worker.snapshot();
  EXPECT_TRUE(now.connected);
  EXPECT_EQ(now.core, "host");
  EXPECT_EQ(now.model_version, 3U);
  EXPECT_EQ(now.handed_over, 1U);
  EXPECT_EQ(now.inferences, 50U);
  EXPECT_EQ(now.agreement(), 1.0);
  EXPECT_EQ(now.last_error, "");
}

TEST(McuWorker, OnlyTheNewestBundleIsHandedOver) {
  FirmwareBoard board;
  McuWorker worker(quick_settings(), opening(board));
  for (std::uint32_t version = 1; version <= 5; ++version) worker.offer(bundle_of(version));
  worker.start();
  ASSERT_TRUE(worker.drain(10s));
  EXPECT_EQ(worker.snapshot().model_version, 5U);
  EXPECT_EQ(worker.snapshot().handed_over, 1U);
}

TEST(McuWorker, DropsTheOldestFeaturesAndCountsThem) {
  FirmwareBoard board;
  McuWorker worker(quick_settings(), opening(board));
  for (int i = 0; i < 20; ++i) worker.infer(features);
  EXPECT_EQ(worker.snapshot().dropped_features, 12U);
  worker.start();
  ASSERT_TRUE(worker.drain(10s));
  EXPECT_EQ(worker.snapshot().dropped_features, 20U) << "there is no model to infer with";
  EXPECT_EQ(worker.snapshot().agreement(), std::nullopt);
}

TEST(McuWorker, ComesBackAfterTheLineWasCut) {
  FirmwareBoard board;
  McuWorker worker(quick_settings(), opening(board));
  worker.start();
  worker.offer(bundle_of(1));
  ASSERT_TRUE(worker.drain(10s));
  board.unplug();
  worker.infer(features);
  EXPECT_TRUE(eventually([&] { return worker.snapshot().inferences == 1; }));
  EXPECT_EQ(worker.snapshot().reconnects, 1U);
  EXPECT_EQ(worker.snapshot().agreement(), 1.0);
}

TEST(McuWorker, GivesANewMicrocontrollerTheModelAgain) {
  auto board = std::make_unique<FirmwareBoard>();
  McuWorker worker(quick_settings(),
                   [&board](std::string_view, int) -> Result<std::unique_ptr<sensors::SerialPort>> {
                     return board->plug();
                   });
  worker.start();
  worker.offer(bundle_of(1));
  ASSERT_TRUE(worker.drain(10s));
  board->unplug();
  auto old = std::exchange(board, std::make_unique<FirmwareBoard>());
  worker.infer(features);
  EXPECT_TRUE(eventually([&] { return worker.snapshot().inferences == 1; }));
  EXPECT_EQ(worker.snapshot().handed_over, 2U);
}

TEST(McuWorker, KeepsTryingADeviceThatIsNotThereAndSaysWhy) {
  FirmwareBoard board;
  std::atomic<int> tries = 0;
  McuWorker worker(quick_settings(),
                   [&](std::string_view, int) -> Result<std::unique_ptr<sensors::SerialPort>> {
                     if (++tries < 4) return Error{ErrorKind::not_found, "no such device"};
                     return board.plug();
                   });
  worker.start();
  EXPECT_TRUE(eventually([&] { return worker.snapshot().last_error == "no such device"; }));
  EXPECT_TRUE(eventually([&] { return worker.snapshot().connected; }));
  EXPECT_EQ(worker.snapshot().last_error, "");
}

TEST(McuWorker, CountsABundleThatDoesNotFit) {
  FirmwareBoard board({.ram_bytes = 64});
  McuWorker worker(quick_settings(), opening(board));
  worker.start();
  worker.offer(bundle_of(1, 80));
  ASSERT_TRUE(worker.drain(10s));
  EXPECT_EQ(worker.snapshot().refused, 1U);
  EXPECT_NE(worker.snapshot().last_error.find("missing"), std::string::npos);
}

TEST(McuWorker, StopsAtOnceInAnyState) {
  FirmwareBoard board;
  McuWorker silent(quick_settings(),
                   [](std::string_view, int) -> Result<std::unique_ptr<sensors::SerialPort>> {
                     return Error{ErrorKind::unavailable, "gone"};
                   });
  silent.start();
  silent.stop();
  McuWorker idle(quick_settings(), opening(board));
  idle.start();
  EXPECT_TRUE(eventually([&] { return idle.snapshot().connected; }));
  idle.stop();
  EXPECT_FALSE(idle.snapshot().connected);
}

}  // namespace
}  // namespace haltere::agent
