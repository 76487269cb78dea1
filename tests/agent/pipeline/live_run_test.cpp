#include "agent/pipeline/live_run.hpp"

#include <fstream>
#include <string>
#include <thread>

#include "agent/deploy/registry.hpp"
#include "agent/service/unix_socket.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/checkpoint.hpp"
#include "config/json.hpp"
#include "tests/agent/pipeline/live_fixture.hpp"
#include "tests/fakes/fake_i2c_bus.hpp"
#include "tests/read_file.hpp"

namespace haltere::agent {
namespace {

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

TEST_F(LiveRunTest, windowsCutAboutEventsComeOutTheSameLive) {
  const auto triggered = [](std::string yaml) {
    return yaml.insert(yaml.find("    features:"),
                       "    step: 100ms\n"
                       "    trigger: {stream: imu.acceleration, above: 8, before: 50ms}\n");
  };
  const std::string lines = motion_lines(0, recordings);
  std::ofstream(file("recording.csv")) << motion_header << lines;
  const auto spec = load_yaml_text(scratch_, triggered(motion_yaml("/dev/null")));
  const json report = replay_inputs("first", spec, {{.sensor = 0, .path = file("recording.csv")}});
  EXPECT_GT(report["models"]["motion"]["windows"], recordings / 3);
  EXPECT_LT(report["models"]["motion"]["windows"], samples / 20) << "they do not slide";

  const FakeBoard board;
  LiveOptions live_options = options(samples);
  live_options.files = files("live");
  const auto live = make_live(load_yaml_text(scratch_, triggered(motion_yaml(board.device()))),
                              std::move(live_options));
  ASSERT_NE(live, nullptr);
  std::jthread sender([&] { board.send(lines); });
  run(*live);
  expect_same_files("first", "live");
}

TEST_F(LiveRunTest, goingOnFromACheckpointEqualsNeverHavingStopped) {
  replay_lines("whole", motion_lines(0, recordings));
  const std::string state = file("state");
  replay_lines("half", motion_lines(0, recordings / 2), state);
  replay_lines("resumed", motion_lines(recordings / 2, recordings), state);
  EXPECT_TRUE(read_text(file("whole.weights")) == read_text(file("resumed.weights")));
}

TEST_F(LiveRunTest, aStopRequestEndsTheRunAndKeepsWhatWasLearned) {
  const FakeBoard board;
  const auto spec = load_yaml_text(scratch_, motion_yaml(board.device()));
  const sensors::Doorbell stop;
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

TEST_F(LiveRunTest, oldVersionsOfAModelGiveWay) {
  const FakeBoard board;
  const LiveOptions live_options = options(0);
  for (std::uint32_t version = 1; version <= kept_versions + 10; ++version) {
    const auto path = bundle_path(live_options.state, "motion", version);
    ASSERT_TRUE(write_file_atomically(path, std::vector<std::uint8_t>{1}).ok());
  }
  ASSERT_NE(make_live(load_yaml_text(scratch_, motion_yaml(board.device())), live_options),
            nullptr);
  const auto left = Registry(live_options.state).list("motion");
  ASSERT_EQ(left.size(), kept_versions);
  EXPECT_EQ(left.front().version, 11U);
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
  EXPECT_EQ(read_text(folder / "checkpoint.bad"), "not a checkpoint");
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
  const sensors::Doorbell stop;
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
  const std::string features = read_text(file("live.csv"));
  EXPECT_NE(features.find(",fast,"), std::string::npos);
  EXPECT_EQ(features.find(",slow,"), std::string::npos) << "a given label outranks the column";
  EXPECT_NE(features.find(",25.375,"), std::string::npos) << features;
}

}  // namespace
}  // namespace haltere::agent
