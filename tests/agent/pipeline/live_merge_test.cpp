// Several sensors at once: the order in which a run takes their samples.
#include <fstream>
#include <string>
#include <thread>

#include "tests/agent/pipeline/live_fixture.hpp"

namespace haltere::agent {
namespace {

/// Lines of a second board, one every 20 ms of the same clock: one number that tells them apart.
std::string aux_lines(int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) {
    text += std::to_string(0.02 * i) + "," + std::to_string(0.25 * i) + "\n";
  }
  return text;
}

std::string two_board_yaml(const std::string& imu, const std::string& aux) {
  std::string yaml = motion_yaml(imu);
  const std::string more = "  - {id: aux, platform: serial_lines, device: " + aux +
                           ", rate: 50Hz, columns: ['t:s', level]}\n";
  yaml.insert(yaml.find("fusion:"), more);
  yaml.replace(yaml.find("inputs: [imu]"), 13, "inputs: [imu, aux.level]");
  yaml.replace(yaml.find("{queue: 8192}"), 13, "{queue: 8192, merge_wait: 10s}");
  return yaml;
}

// Each recording of motion_lines lasts half a second.
constexpr int recordings = 12;
constexpr int aux_per_recording = 25;

TEST_F(LiveRunTest, aRunOfTwoSensorsEqualsTheReplayOfTheirRecordings) {
  std::ofstream(file("imu.csv")) << motion_header << motion_lines(0, recordings);
  std::ofstream(file("aux.csv")) << "t,level\n" << aux_lines(0, recordings * aux_per_recording);
  const PipelineSpec spec = load_yaml_text(scratch_, two_board_yaml("/dev/null", "/dev/zero"));
  const json replayed = replay_inputs(
      "replayed", spec,
      {{.sensor = 0, .path = file("imu.csv")}, {.sensor = 1, .path = file("aux.csv")}});
  const std::uint64_t all = recordings * (rows_per_recording + aux_per_recording);
  EXPECT_EQ(replayed["samples"], all);

  const FakeBoard imu;
  const FakeBoard aux;
  // The last sample has none to wait for: the end of the run lets it go.
  LiveOptions live_options = options(all - aux_per_recording);
  live_options.files = files("live");
  const auto live = make_live(load_yaml_text(scratch_, two_board_yaml(imu.device(), aux.device())),
                              std::move(live_options));
  ASSERT_NE(live, nullptr);
  std::jthread sender([&] {
    aux.wait_for_reader();
    // Now one board is ahead, now the other.
    imu.send(motion_lines(0, recordings / 2));
    aux.send(aux_lines(0, recordings * aux_per_recording));
    imu.send(motion_lines(recordings / 2, recordings));
  });
  const json report = run(*live);
  EXPECT_EQ(report["samples"], all);
  expect_same_files("replayed", "live");
}

}  // namespace
}  // namespace haltere::agent
