// firmware_host as a process: pseudo-terminal, flash file, power cuts by SIGKILL.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "models/bundle.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/subprocess.hpp"

namespace haltere::agent {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

class HostFirmware : public testing::Test {
 protected:
  HostFirmware() { std::filesystem::create_directories(folder_); }
  ~HostFirmware() override { std::filesystem::remove_all(folder_); }

  static Bytes bundle_of(std::uint32_t version) {
    std::mt19937 random(version);
    fakes::RandomNet net;
    net.sizes = {100, 120, 40, 5};
    net.activations = {kernels::Activation::relu, kernels::Activation::softmax};
    net.version = version;
    return fakes::random_bundle(net, random);
  }

  static McuLink connect(const std::string& device) {
    auto port = sensors::open_serial_port(device, 115200);
    EXPECT_TRUE(port) << port.error().message;
    return {std::move(port).value(), "host", {.reply_timeout = 300ms, .attempts = 5}};
  }

  [[nodiscard]] std::string flash() const { return (folder_ / "flash").string(); }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("haltere-firmware-" + std::to_string(getpid()));
};

TEST_F(HostFirmware, ServesItsPseudoTerminalAlsoByALink) {
  const std::string path = (folder_ / "tag").string();
  fakes::Subprocess firmware({FIRMWARE_HOST, "--link", path});
  const std::string device = firmware.read_line();
  ASSERT_TRUE(device.starts_with("/dev/pts/")) << device;
  EXPECT_EQ(std::filesystem::read_symlink(path), device);
  for (int i = 0; i < 3; ++i) {
    McuLink link = connect(i == 0 ? device : path);
    auto hello = link.hello();
    ASSERT_TRUE(hello) << hello.error().message;
    EXPECT_EQ(hello->core, link::Core::host);
  }
}

TEST_F(HostFirmware, KeepsModelsOverAPowerCutAndResumesATransfer) {
  {
    fakes::Subprocess firmware({FIRMWARE_HOST, "--flash", flash()});
    McuLink link = connect(firmware.read_line());
    ASSERT_TRUE(link.hello());
    ASSERT_TRUE(link.push(bundle_of(1)));
    auto cut = link.push(bundle_of(2), [&](std::size_t done, std::size_t) {
      if (done > 9000) firmware.kill();
    });
    EXPECT_FALSE(cut);
  }
  fakes::Subprocess firmware({FIRMWARE_HOST, "--flash", flash()});
  McuLink link = connect(firmware.read_line());
  ASSERT_TRUE(link.hello());
  EXPECT_EQ(link.info().boots, 2U);
  EXPECT_EQ(link.info().model_version, 1U);
  std::size_t resumed_at = 0;
  bool first = true;
  ASSERT_TRUE(link.push(bundle_of(2), [&](std::size_t done, std::size_t) {
    if (std::exchange(first, false)) resumed_at = done;
  }));
  EXPECT_GE(resumed_at, 8192U);
  EXPECT_EQ(link.hello()->model_version, 2U);
}

TEST_F(HostFirmware, RestartsWhenAsked) {
  fakes::Subprocess firmware({FIRMWARE_HOST});
  McuLink link = connect(firmware.read_line());
  ASSERT_TRUE(link.hello());
  ASSERT_TRUE(link.push(bundle_of(1)));
  ASSERT_TRUE(link.reset());
  auto hello = link.hello();
  ASSERT_TRUE(hello) << hello.error().message;
  EXPECT_EQ(hello->boots, 2U);
  EXPECT_EQ(hello->reset_reason, link::ResetReason::software);
  EXPECT_EQ(hello->model_version, 1U);
  auto bench = link.bench(100, 10s);
  ASSERT_TRUE(bench);
  EXPECT_EQ(bench->count, 100U);
  EXPECT_GT(bench->ticks, 0U);
  auto loads = link.bench(100, 10s, link::BenchSubject::load);
  ASSERT_TRUE(loads);
  EXPECT_GT(loads->ticks, 0U);
}

TEST_F(HostFirmware, ServesOneTcpClient) {
  fakes::Subprocess firmware({FIRMWARE_HOST, "--tcp", "0"});
  const std::string device = firmware.read_line();
  ASSERT_TRUE(device.starts_with("tcp://127.0.0.1:")) << device;
  McuLink link = connect(device);
  EXPECT_TRUE(link.hello());
}

}  // namespace
}  // namespace haltere::agent
