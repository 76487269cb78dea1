// An emulated board that is reset at random times, in mid-transfer and later: the model before or
// the new one runs. HALTERE_THOROUGH=1: 200 resets, otherwise a few.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "models/bundle.hpp"
#include "tests/environment.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/subprocess.hpp"
#include "tests/mcu/process/emulated_board.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

/// QEMU's monitor on a UNIX socket.
class Monitor {
 public:
  explicit Monitor(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    for (int attempt = 0; attempt < 200 && !connected_; ++attempt) {
      fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
      if (connected_) break;
      close(fd_);
      std::this_thread::sleep_for(20ms);
    }
  }
  ~Monitor() {
    if (connected_) close(fd_);
  }
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  bool reset() const {
    const std::string command = "system_reset\n";
    return connected_ &&
           write(fd_, command.data(), command.size()) == static_cast<ssize_t>(command.size());
  }

 private:
  int fd_ = -1;
  bool connected_ = false;
};

Bytes bundle_of(std::uint32_t version) { return fakes::bundle_of(version, {30, 24, 4}); }

class Reset : public testing::Test {
 protected:
  void SetUp() override {
    if (!fakes::has_program("qemu-system-arm")) GTEST_SKIP() << "qemu-system-arm is not installed";
    const fakes::Board& microbit = fakes::boards().front();
    ASSERT_TRUE(std::filesystem::exists(std::filesystem::path(FIRMWARE_FOLDER) / microbit.image))
        << microbit.image << " is missing; build it with ./dev build";
    board_ = std::make_unique<fakes::EmulatedBoard>(
        microbit, FIRMWARE_FOLDER,
        std::vector<std::string>{"-monitor", "unix:" + socket_ + ",server=on,wait=off"});
    auto link = board_->connect();
    ASSERT_TRUE(link) << link.error().message;
    link_ = std::move(link).value();
    monitor_ = std::make_unique<Monitor>(socket_);
  }
  void TearDown() override { std::filesystem::remove(socket_); }

  /// Whether the model that runs there is one of these two and answers as it does here.
  bool runs_either(std::uint32_t before, std::uint32_t next) {
    const auto features = std::vector<float>(30, 0.5F);
    if (!link_->hello()) return false;
    const auto there = link_->infer(features);
    if (!there || (there->model_version != before && there->model_version != next)) return false;
    running_ = there->model_version;
    auto model = models::Int8Model::create(bundle_of(running_)).value();
    model.run(features);
    return std::ranges::equal(model.outputs(), there->outputs);
  }

  std::string socket_ =
      (std::filesystem::temp_directory_path() / ("haltere-monitor-" + std::to_string(getpid())))
          .string();
  std::unique_ptr<fakes::EmulatedBoard> board_;
  std::unique_ptr<McuLink> link_;
  std::unique_ptr<Monitor> monitor_;
  std::uint32_t running_ = 1;
};

TEST_F(Reset, AtRandomTimesLeavesTheOldOrTheNewModel) {
  const int resets = is_thorough() ? 200 : 6;
  std::mt19937 random(20261122);
  ASSERT_TRUE(link_->push(bundle_of(1)));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(link_->push(bundle_of(2)));
  const std::chrono::duration<double, std::milli> usual = std::chrono::steady_clock::now() - start;
  running_ = 2;
  int bad = 0;
  int old_models = 0;
  for (int i = 0; i < resets; ++i) {
    const std::uint32_t before = running_;
    const std::uint32_t next = before + 1;
    const double at_ms = std::uniform_real_distribution<double>(0.0, 1.2 * usual.count())(random);
    std::jthread cut([&, at_ms] {
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(at_ms));
      EXPECT_TRUE(monitor_->reset());
    });
    (void)link_->push(bundle_of(next));
    cut.join();
    if (!runs_either(before, next)) ++bad;
    if (running_ == before) ++old_models;
  }
  std::printf("random resets: %d; then the old model ran %d times, the new one %d times, none %d\n",
              resets, old_models, resets - old_models - bad, bad);
  EXPECT_EQ(bad, 0);
  EXPECT_EQ(link_->info().boots, 1U + static_cast<unsigned>(resets)) << "all of them happened";
}

}  // namespace
}  // namespace haltere::agent
