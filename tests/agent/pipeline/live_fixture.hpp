#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/pipeline/live_run.hpp"
#include "agent/pipeline/replay_run.hpp"
#include "config/json.hpp"
#include "tests/agent/made_up_motion.hpp"
#include "tests/fakes/far_end.hpp"
#include "tests/read_file.hpp"

namespace haltere::agent {

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

/// A board on a serial line.
class FakeBoard {
 public:
  FakeBoard() {
    // Until it was opened for the first time, the other end does not look closed.
    const int other_end = open(device().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    termios raw{};
    cfmakeraw(&raw);
    tcsetattr(other_end, TCSANOW, &raw);
    close(other_end);
  }
  [[nodiscard]] const std::string& device() const { return line_.name(); }

  /// Waits until somebody has opened the other end.
  void wait_for_reader() const {
    wait_until([&] {
      pollfd other_end{line_.fd(), POLLIN, 0};
      return poll(&other_end, 1, 0) == 0 || (other_end.revents & POLLHUP) == 0;
    });
    std::this_thread::sleep_for(50ms);  // an opener may discard what came before it was ready
  }

  /// Sends once somebody listens.
  void send(const std::string& text) const {
    wait_for_reader();
    line_.send(text);
  }

 private:
  fakes::FarEnd line_;
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
  json replay_inputs(const std::string& prefix, const PipelineSpec& spec,
                     const std::vector<ReplayInput>& inputs, const std::string& state = {}) {
    const auto report =
        replay(spec, {.inputs = inputs, .learn = {}, .files = files(prefix), .state = state});
    EXPECT_TRUE(report.ok()) << (report ? "" : report.error().message);
    return report ? *report : json();
  }
  json replay_lines(const std::string& prefix, const std::string& lines,
                    const std::string& state = {}) {
    const std::string csv = file("recording.csv");
    std::ofstream(csv) << motion_header << lines;
    const PipelineSpec spec = load_yaml_text(scratch_, motion_yaml("/dev/null"));
    return replay_inputs(prefix, spec, {{.sensor = 0, .path = csv}}, state);
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
      const std::string bytes = read_text(file((a + kind).c_str()));
      EXPECT_FALSE(bytes.empty()) << a << kind;
      EXPECT_TRUE(bytes == read_text(file((b + kind).c_str()))) << a << " and " << b << kind;
    }
  }

  ScratchFolder scratch_;
};

}  // namespace haltere::agent
