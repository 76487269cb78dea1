#include "agent/pipeline/live_run.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "agent/pipeline/replay_run.hpp"
#include "agent/service/unix_socket.hpp"
#include "tests/agent/made_up_motion.hpp"
#include "tests/fakes/fake_i2c_bus.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// Waits until `condition` holds; a run that fails must not hang the test.
template <typename Condition>
void wait_until(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
}

/// The board's end of a pseudo-terminal.
class FakeBoard {
 public:
  FakeBoard() {
    int master = -1;
    int slave = -1;
    std::array<char, 64> name{};
    termios raw{};
    cfmakeraw(&raw);
    EXPECT_EQ(openpty(&master, &slave, name.data(), &raw, nullptr), 0);
    close(slave);
    master_ = FileDescriptor(master);
    device_ = name.data();
  }
  [[nodiscard]] const std::string& device() const { return device_; }

  /// Sends once somebody has opened the other end.
  void send(const std::string& text) const {
    wait_until([&] {
      pollfd other_end{master_.get(), POLLIN, 0};
      return poll(&other_end, 1, 0) == 0 || (other_end.revents & POLLHUP) == 0;
    });
    std::this_thread::sleep_for(50ms);  // an opener may discard what came before it was ready
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t written = write(master_.get(), text.data() + sent, text.size() - sent);
      ASSERT_GT(written, 0);
      sent += static_cast<std::size_t>(written);
    }
  }

 private:
  FileDescriptor master_;
  std::string device_;
};

class LiveRunTest : public testing::Test {
 protected:
  [[nodiscard]] std::string file(const char* name) const { return scratch_.path() / name; }
  [[nodiscard]] RunFileNames files(const std::string& prefix) const {
    return {.features = file((prefix + ".csv").c_str()),
            .weights = file((prefix + ".weights").c_str()),
            .bundle = file((prefix + ".hb").c_str())};
  }
  [[nodiscard]] LiveOptions options(std::uint64_t samples) const {
    LiveOptions options;
    options.state = file("state");
    options.show_status = false;
    options.longest = 30s;
    options.most_samples = samples;
    return options;
  }
  json replay_lines(const std::string& prefix, const std::string& lines,
                    const std::string& state = {}) {
    const std::string csv = file("recording.csv");
    std::ofstream(csv) << motion_header << lines;
    const PipelineSpec spec = load_yaml_text(scratch_, motion_yaml("/dev/null"));
    const auto report = replay(spec, {.inputs = {{.sensor = 0, .path = csv}},
                                      .learn = {},
                                      .files = files(prefix),
                                      .state = state});
    EXPECT_TRUE(report.ok()) << (report ? "" : report.error().message);
    return report ? *report : json();
  }
  std::unique_ptr<LiveRun> make_live(PipelineSpec spec, LiveOptions live_options) {
    auto live = LiveRun::create(std::move(spec), std::move(live_options));
    EXPECT_TRUE(live.ok()) << (live ? "" : live.error().message);
    return live ? std::move(live).value() : nullptr;
  }
  json run(LiveRun& live, int stop_fd = -1) {
    const auto report = live.run(stop_fd);
    EXPECT_TRUE(report.ok()) << (report ? "" : report.error().message);
    return report ? *report : json();
  }
  void expect_same_files(const std::string& a, const std::string& b) {
    for (const char* kind : {".csv", ".weights", ".hb"}) {
      const std::string bytes = file_text(file((a + kind).c_str()));
      EXPECT_FALSE(bytes.empty()) << a << kind;
      EXPECT_TRUE(bytes == file_text(file((b + kind).c_str()))) << a << " and " << b << kind;
    }
  }

  ScratchFolder scratch_;
};

constexpr int recordings = 60;
constexpr std::uint64_t samples = std::uint64_t{recordings} * rows_per_recording;

TEST_F(LiveRunTest, replayingTwiceAndRunningLiveGiveTheSameBytes) {
  const std::string lines = motion_lines(0, recordings);
  const json report = replay_lines("first", lines);
  replay_lines("second", lines);
  expect_same_files("first", "second");
  EXPECT_EQ(report["samples"], samples);
  EXPECT_GT(report["models"]["motion"]["prequential"]["accuracy"], 0.5);

  const FakeBoard board;
  LiveOptions live_options = options(samples);
  live_options.files = files("live");
  const auto live =
      make_live(load_yaml_text(scratch_, motion_yaml(board.device())), std::move(live_options));
  ASSERT_NE(live, nullptr);
  std::jthread sender([&] { board.send(lines); });
  const json live_report = run(*live);
  EXPECT_EQ(live_report["dropped"], 0);
  expect_same_files("first", "live");
}

TEST_F(LiveRunTest, goingOnFromACheckpointEqualsNeverHavingStopped) {
  replay_lines("whole", motion_lines(0, recordings));
  const std::string state = file("state");
  replay_lines("half", motion_lines(0, recordings / 2), state);
  replay_lines("resumed", motion_lines(recordings / 2, recordings), state);
  EXPECT_TRUE(file_text(file("whole.weights")) == file_text(file("resumed.weights")));
}

TEST_F(LiveRunTest, aStopRequestEndsTheRunAndKeepsWhatWasLearned) {
  const FakeBoard board;
  const auto spec = load_yaml_text(scratch_, motion_yaml(board.device()));
  const Doorbell stop;
  std::chrono::steady_clock::time_point asked;
  {
    const auto live = make_live(spec, options(0));
    ASSERT_NE(live, nullptr);
    std::jthread sender([&] {
      board.send(motion_lines(0, recordings));
      wait_until([&] { return live->samples() >= samples; });
      asked = std::chrono::steady_clock::now();
      stop.ring();
    });
    run(*live, stop.fd());
  }
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 2s);
  const auto again = make_live(spec, options(0));
  ASSERT_NE(again, nullptr);
  const json report = run(*again, stop.fd());  // stop is still rung
  EXPECT_GT(report["models"]["motion"]["learned"], 0) << "counted since the model began";
}

TEST_F(LiveRunTest, aBrokenCheckpointIsKeptAsideAndLearningStartsFresh) {
  const std::filesystem::path folder = scratch_.path() / "state/models/motion";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "checkpoint") << "not a checkpoint";
  LiveOptions live_options = options(0);
  live_options.longest = 1ms;
  const auto live = make_live(load_yaml_text(scratch_, motion_yaml("/nowhere")), live_options);
  ASSERT_NE(live, nullptr);
  EXPECT_EQ(run(*live)["models"]["motion"]["learned"], 0);
  EXPECT_EQ(file_text(folder / "checkpoint.bad"), "not a checkpoint");
}

TEST_F(LiveRunTest, aDeviceThatGoesAwayAndComesBackLosesOnlyItsAbsence) {
  const std::string link = file("board");
  auto board = std::make_unique<FakeBoard>();
  std::filesystem::create_symlink(board->device(), link);
  const auto live = make_live(load_yaml_text(scratch_, motion_yaml(link)), options(samples));
  ASSERT_NE(live, nullptr);
  std::jthread world([&] {
    board->send(motion_lines(0, recordings / 2));
    wait_until([&] { return live->samples() >= samples / 2; });
    board.reset();
    std::filesystem::remove(link);
    std::this_thread::sleep_for(300ms);
    board = std::make_unique<FakeBoard>();
    std::filesystem::create_symlink(board->device(), link);
    board->send(motion_lines(recordings / 2, recordings));
  });
  const json report = run(*live);
  EXPECT_EQ(report["samples"], samples);
  EXPECT_EQ(report["sensors"]["imu"]["reopened"], 1);
}

TEST_F(LiveRunTest, aDiskThatRefusesIsReportedAndTheRunGoesOn) {
  const FakeBoard board;
  LiveOptions live_options = options(samples);
  live_options.state = "/dev/null/nowhere";
  const auto live = make_live(load_yaml_text(scratch_, motion_yaml(board.device())), live_options);
  ASSERT_NE(live, nullptr);
  std::jthread sender([&] { board.send(motion_lines(0, recordings)); });
  const json report = run(*live);
  EXPECT_EQ(report["samples"], samples);
  EXPECT_EQ(report["state_saved"], false);
}

TEST_F(LiveRunTest, twoBusesAndTheControlSocketWorkTogether) {
  const FakeBoard board;
  std::string yaml = motion_yaml(board.device());
  yaml.replace(yaml.find("fusion:"), 7,
               "  - {id: air, platform: tmp102, bus: i2c1, update_interval: 125ms}\nfusion:");
  yaml.replace(yaml.find("[imu]"), 5, "[imu, air]");
  yaml = "buses:\n  - {id: i2c1, platform: i2c, device: /dev/i2c-9}\n" + yaml;
  auto bus = std::make_shared<fakes::FakeI2cBus>();
  bus->chips[0x48] = std::make_shared<fakes::FakeChip>();
  bus->chips[0x48]->set(0, {0x19});     // 25 °C and a little, with the next register's 0x60
  bus->chips[0x48]->set(0x01, {0x60});  // its identity
  LiveOptions live_options = options(0);
  live_options.control = file("control.sock");
  live_options.files = files("live");
  live_options.buses = std::make_shared<sensors::Buses>();
  live_options.buses->add_i2c("i2c1", bus);
  const auto control = live_options.control;
  const auto live = make_live(load_yaml_text(scratch_, yaml), std::move(live_options));
  ASSERT_NE(live, nullptr);
  const Doorbell stop;
  std::jthread world([&] {
    wait_until([&] { return live->samples() > 0; });  // the thermometer is there
    EXPECT_TRUE(
        ask_agent(control, {{"command", "label"}, {"label", "fast"}, {"seconds", 3600}}).ok());
    const auto wrong =
        ask_agent(control, {{"command", "label"}, {"label", "fats"}, {"seconds", 1}});
    EXPECT_FALSE(wrong.ok());
    if (!wrong) {
      EXPECT_EQ(wrong.error().message, "no model has the label 'fats'; did you mean 'fast'?");
    }
    board.send(motion_lines(0, 3));
    wait_until([&] {
      const auto status = ask_agent(control, {{"command", "status"}});
      return status && (*status)["sensors"]["imu"]["samples"] >= 3 * rows_per_recording;
    });
    stop.ring();
  });
  const json report = run(*live, stop.fd());
  EXPECT_EQ(report["fusion"]["features"]["outputs"], 6);
  const std::string features = file_text(file("live.csv"));
  EXPECT_NE(features.find(",fast,"), std::string::npos);
  EXPECT_EQ(features.find(",slow,"), std::string::npos) << "a given label outranks the column";
  EXPECT_NE(features.find(",25.375,"), std::string::npos) << features;
}

}  // namespace
}  // namespace haltere::agent
