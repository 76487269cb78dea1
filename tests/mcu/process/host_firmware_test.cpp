// firmware_host as a process: pseudo-terminal, flash file, power cuts by SIGKILL.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "agent/deploy/mcu_link.hpp"
#include "agent/deploy/mcu_stream.hpp"
#include "mcu/firmware/wave.hpp"
#include "models/bundle.hpp"
#include "models/head_merge.hpp"
#include "tests/fakes/random_bundle.hpp"
#include "tests/fakes/subprocess.hpp"
#include "tests/fakes/wave_bundle.hpp"

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

TEST_F(HostFirmware, StreamsItsSensorAtAKilohertz) {
  fakes::Subprocess firmware({FIRMWARE_HOST, "--sensor", "wave"});
  McuLink link = connect(firmware.read_line());
  ASSERT_TRUE(link.hello());
  std::uint64_t wrong = 0;
  const auto compare = [&](std::uint64_t number, std::span<const std::int16_t> counts) {
    std::array<std::int16_t, firmware::wave_channels> sample{};
    firmware::wave_sample(static_cast<std::uint32_t>(number), sample.data());
    if (!std::ranges::equal(counts, sample)) ++wrong;
  };
  const auto counts = receive_stream(link, {.samples = 500, .rate_hz = 1000.0F}, compare);
  ASSERT_TRUE(counts) << counts.error().message;
  std::printf("500 samples of 12 bytes at 1 kHz: %llu received, %llu lost\n",
              static_cast<unsigned long long>(counts->received),
              static_cast<unsigned long long>(counts->lost));
  EXPECT_EQ(counts->received + counts->lost, 500U);
  EXPECT_GT(counts->received, 0U);
  EXPECT_EQ(wrong, 0U);
}

TEST_F(HostFirmware, PlaysATableAsItsSensor) {
  const std::string table = (folder_ / "table.csv").string();
  std::ofstream(table) << "load,speed\n-2,0.5\n1,0.25\n";
  fakes::Subprocess firmware({FIRMWARE_HOST, "--sensor", table});
  McuLink link = connect(firmware.read_line());
  ASSERT_TRUE(link.hello());
  const auto sensor = link.sensor();
  ASSERT_TRUE(sensor);
  ASSERT_EQ(sensor->channels, 2);
  EXPECT_STREQ(reinterpret_cast<const char*>(sensor->channel[1].name), "speed");
  std::vector<float> values;
  const auto counts = receive_stream(link, {.samples = 4, .rate_hz = 1000.0F},
                                     [&](std::uint64_t, std::span<const std::int16_t> sample) {
                                       for (std::size_t c = 0; c < 2; ++c)
                                         values.push_back(sensor->channel[c].scale * sample[c]);
                                     });
  ASSERT_TRUE(counts);
  ASSERT_EQ(values.size(), 8U);
  for (std::size_t i = 0; i < 8; i += 4) {
    EXPECT_NEAR(values[i], -2.0F, 1e-4);
    EXPECT_NEAR(values[i + 1], 0.5F, 1e-4);
    EXPECT_NEAR(values[i + 2], 1.0F, 1e-4);
  }
}

TEST_F(HostFirmware, DecidesAloneAndRaisesItsWakeLine) {
  const std::string wake = (folder_ / "wake").string();
  const auto bundle = fakes::wave_bundle({.rate_hz = 5000.0F});
  fakes::Subprocess firmware({FIRMWARE_HOST, "--sensor", "wave", "--wake", wake});
  const std::string device = firmware.read_line();
  {
    McuLink link = connect(device);
    ASSERT_TRUE(link.hello());
    const auto pushed = link.push(bundle);
    ASSERT_TRUE(pushed) << pushed.error().message;
  }
  std::string raised;
  for (int i = 0; i < 500 && raised != "1"; ++i) {
    std::this_thread::sleep_for(20ms);
    std::ifstream(wake) >> raised;
  }
  EXPECT_EQ(raised, "1") << "with nobody at the line";
  McuLink link = connect(device);
  ASSERT_TRUE(link.hello());
  const auto statistics = link.statistics();
  ASSERT_TRUE(statistics) << statistics.error().message;
  EXPECT_GT(statistics->counts.windows, 0U);
  EXPECT_GT(statistics->counts.changes, 0U);
  EXPECT_GT(statistics->counts.asleep_ticks, 0U);
  EXPECT_LE(statistics->counts.asleep_ticks, statistics->counts.ticks);
  EXPECT_EQ(statistics->drift.size(), 36U);
}

TEST_F(HostFirmware, LearnsOverItsLineAndTheBoardMergesIt) {
  const auto bundle = fakes::wave_bundle();
  fakes::Subprocess firmware({FIRMWARE_HOST});
  McuLink link = connect(firmware.read_line());
  ASSERT_TRUE(link.hello());
  ASSERT_TRUE(link.push(bundle));
  auto state = link.study(true);
  ASSERT_TRUE(state) << state.error().message;
  const std::vector<float> window(36, 0.5F);
  auto base = models::Int8Model::create(bundle).value();
  const int other = (base.run(window).label + 1) % 4;
  for (int i = 0; i < 40; ++i) {
    state = link.teach(state->steps, other, window);
    ASSERT_TRUE(state) << state.error().message;
  }
  const auto head = link.pull();
  ASSERT_TRUE(head) << head.error().message;
  const auto merged = models::merge_head(models::decode(bundle).value(), head->delta);
  ASSERT_TRUE(merged) << merged.error().message;
  const auto pushed = link.push(models::encode(*merged).value());
  ASSERT_TRUE(pushed) << pushed.error().message;
  EXPECT_EQ(link.infer(window)->verdict, other);
}

TEST_F(HostFirmware, SaysHowMuchRamLearningLacks) {
  fakes::Subprocess firmware({FIRMWARE_HOST, "--ram", "400"});
  McuLink link = connect(firmware.read_line());
  ASSERT_TRUE(link.hello());
  ASSERT_TRUE(link.push(fakes::wave_bundle()));
  const auto refused = link.study(true);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("of RAM"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("missing"), std::string::npos) << refused.error().message;
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
