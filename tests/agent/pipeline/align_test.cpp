// Fusion `align` in a pipeline: from the file to the window that is cut from its rows.
#include <fstream>
#include <string>
#include <thread>

#include "tests/agent/pipeline/live_fixture.hpp"

namespace haltere::agent {
namespace {

using sensors::TimeNs;

constexpr TimeNs ms = 1'000'000;

/// The made-up motion beside a slower board, on one clock.
std::string aligned_yaml(const std::string& imu, const std::string& aux,
                         const std::string& more = {}) {
  std::string yaml = motion_yaml(imu);
  const std::string sensor = "  - {id: aux, platform: serial_lines, device: " + aux +
                             ", rate: 40Hz, columns: ['t:s', level:celsius]}\n";
  yaml.insert(yaml.find("fusion:"), sensor);
  const std::string align =
      "  - id: both\n    platform: align\n    rate: 50Hz\n    streams:\n"
      "      - {stream: imu, method: sinc}\n"
      "      - {stream: aux.level, latency: 5ms" +
      more + "}\n";
  yaml.insert(yaml.find("  - id: features"), align);
  yaml.replace(yaml.find("inputs: [imu]"), 13, "inputs: [both.imu, both.aux]");
  yaml.replace(yaml.find("{queue: 8192}"), 13, "{queue: 8192, merge_wait: 10s}");
  return yaml;
}

std::string aux_lines(int first, int last) {
  std::string text;
  for (int i = first; i < last; ++i) {
    text += std::to_string(0.025 * i) + "," + std::to_string(0.25 * i) + "\n";
  }
  return text;
}

/// Motion without holes or segments, each of three kinds for three seconds.
std::string steady_lines(int first, int last) {
  constexpr const char* names[] = {"still", "slow", "fast"};
  std::string text;
  for (int i = first; i < last; ++i) {
    const int motion = i / 300 % 3;
    const double ax = motion * std::sin(0.4 * motion * i);
    text += std::to_string(0.01 * i) + ",0," + names[motion] + "," + std::to_string(ax) + "," +
            std::to_string(10.0 * ax) + "\n";
  }
  return text;
}

constexpr int imu_rows = 1800;
constexpr int aux_rows = 720;

TEST_F(LiveRunTest, alignedStreamsAreTheSameLiveAndInTheReplay) {
  std::ofstream(file("imu.csv")) << motion_header << steady_lines(0, imu_rows);
  std::ofstream(file("aux.csv")) << "t,level\n" << aux_lines(0, aux_rows);
  const PipelineSpec spec = load_yaml_text(scratch_, aligned_yaml("/dev/null", "/dev/zero"));
  const json replayed = replay_inputs(
      "replayed", spec,
      {{.sensor = 0, .path = file("imu.csv")}, {.sensor = 1, .path = file("aux.csv")}});
  const json& counts = replayed["fusion"]["both"];
  EXPECT_EQ(counts["rows"], imu_rows + aux_rows);
  EXPECT_GT(counts["outputs"], 885);  // of 18 s at 50 Hz, less what sinc needs at both ends
  EXPECT_EQ(counts["streams"]["aux.level"]["late"], 0);
  EXPECT_EQ(counts["streams"]["imu"]["samples"], imu_rows);
  EXPECT_GT(replayed["models"]["motion"]["labelled"], 70);

  const FakeBoard imu;
  const FakeBoard aux;
  LiveOptions live_options = options(imu_rows + aux_rows - 1);
  live_options.files = files("live");
  const auto live = make_live(load_yaml_text(scratch_, aligned_yaml(imu.device(), aux.device())),
                              std::move(live_options));
  ASSERT_NE(live, nullptr);
  std::jthread sender([&] {
    aux.wait_for_reader();
    imu.send(steady_lines(0, imu_rows / 2));
    aux.send(aux_lines(0, aux_rows));
    imu.send(steady_lines(imu_rows / 2, imu_rows));
  });
  EXPECT_EQ(run(*live)["samples"], imu_rows + aux_rows);
  expect_same_files("replayed", "live");
}

class Outputs final : public ModelObserver {
 public:
  void on_window(const WindowEvent& event) override { labels.push_back(event.label); }
  void on_promotion(std::size_t, std::span<const std::uint8_t>) override {}
  void on_output(std::size_t filter, TimeNs time_ns, std::span<const float> row) override {
    if (filter != 0) return;
    times.push_back(time_ns);
    rows.emplace_back(row.begin(), row.end());
  }
  std::vector<TimeNs> times;
  std::vector<std::vector<float>> rows;
  std::vector<int> labels;
};

class AlignPipeline : public testing::Test {
 protected:
  void build(const std::string& in_gap) {
    std::string yaml = aligned_yaml("/dev/null", "/dev/zero", ", gap: 100ms");
    yaml.replace(yaml.find("method: sinc"), 12, "method: linear");
    yaml.insert(yaml.find("    streams:"), "    in_gap: " + in_gap + "\n");
    spec_ = load_yaml_text(scratch_, yaml);
    auto graph = Graph::create(spec_, {});
    ASSERT_TRUE(graph.ok()) << graph.error().message;
    graph_ = std::move(graph).value();
  }
  void push(std::size_t sensor, TimeNs time_ns, float value, const char* label = "") {
    sensors::Sample sample;
    sample.sensor = static_cast<std::uint16_t>(sensor);
    sample.time_ns = time_ns;
    sample.count = sensor == 0 ? 2 : 1;
    sample.values[0] = value;
    sample.label = sensors::label_text(label);
    graph_->push(sample, seen_);
  }
  /// Both for 3 s; the slow board says nothing from 1 s to 2 s.
  void push_with_a_hole() {
    for (TimeNs now = 0; now <= 3'000 * ms; now += 5 * ms) {
      if (now % (10 * ms) == 0) push(0, now, static_cast<float>(now / ms));
      const bool silent = now > 1'000 * ms && now < 2'000 * ms;
      if (now % (25 * ms) == 0 && !silent) push(1, now, static_cast<float>(now / ms));
    }
    graph_->finish(seen_);
  }

  ScratchFolder scratch_;
  PipelineSpec spec_;
  std::optional<Graph> graph_;
  Outputs seen_;
};

TEST_F(AlignPipeline, aGapStopsTheRowsAndStartsASegment) {
  build("stop");
  push_with_a_hole();
  ASSERT_FALSE(seen_.times.empty());
  for (std::size_t i = 0; i < seen_.times.size(); ++i) {
    EXPECT_FALSE(seen_.times[i] > 1'000 * ms && seen_.times[i] < 1'995 * ms) << seen_.times[i];
    ASSERT_NEAR(seen_.rows[i][0], static_cast<double>(seen_.times[i] / ms), 1e-3);
    ASSERT_NEAR(seen_.rows[i][2], static_cast<double>(seen_.times[i] / ms) + 5.0, 1e-3)
        << "latency";
    EXPECT_EQ(seen_.rows[i][3] + seen_.rows[i][4], 2.0F);
  }
  // 50 rows before and after it, at 50 Hz: five windows of ten each. The last tick is a gap too.
  EXPECT_EQ(seen_.times.size(), 100U);
  EXPECT_EQ(seen_.labels.size(), 10U);
  EXPECT_EQ(graph_->merger(0)->counts(1).gap_rows, 51U);
}

TEST_F(AlignPipeline, orRowsGoOnAndSayWhatIsNotValid) {
  build("hold");
  push_with_a_hole();
  std::size_t invalid = 0;
  for (std::size_t i = 0; i < seen_.times.size(); ++i) {
    const bool hole = seen_.times[i] > 995 * ms && seen_.times[i] < 1'995 * ms;
    const bool silent = hole || seen_.times[i] > 2'995 * ms;
    EXPECT_EQ(seen_.rows[i][3], 1.0F);
    EXPECT_EQ(seen_.rows[i][4], silent ? 0.0F : 1.0F) << seen_.times[i];
    invalid += silent ? 1U : 0U;
  }
  EXPECT_EQ(invalid, 51U);
  EXPECT_EQ(seen_.times.size(), 151U);
}

TEST_F(AlignPipeline, labelsComeWithTheRowsTheyWereGivenTo) {
  build("stop");
  for (TimeNs now = 0; now <= 1'000 * ms; now += 5 * ms) {
    const char* label = now < 400 * ms ? "slow" : "fast";
    if (now % (10 * ms) == 0) push(0, now, 1.0F, label);
    if (now % (25 * ms) == 0) push(1, now, 1.0F);
  }
  graph_->finish(seen_);
  // Windows of 0.2 s: the second one's last row is that of 380 ms, made when 400 ms was there.
  ASSERT_GE(seen_.labels.size(), 4U);
  EXPECT_EQ(seen_.labels[0], 1);
  EXPECT_EQ(seen_.labels[1], 1);
  EXPECT_EQ(seen_.labels[2], 2);
}

TEST_F(AlignPipeline, whatIsWrongIsSaidWhereItStands) {
  const auto complaint = [&](const std::string& from, const std::string& to) {
    std::string yaml = aligned_yaml("/dev/null", "/dev/zero", ", gap: 100ms");
    yaml.replace(yaml.find(from), from.size(), to);
    std::ofstream(scratch_.path() / "p.yaml") << yaml;
    const auto spec = load_pipeline(scratch_.path() / "p.yaml", {});
    return spec ? "no complaint" : spec.error().message.substr(scratch_.path().string().size() + 1);
  };
  EXPECT_EQ(complaint("rate: 40Hz, ", ""),
            "p.yaml:15:18: error: 'aux.level' has no fixed rate: say how many samples a second it "
            "gives at most, as in 'rate: 10Hz'\n");
  EXPECT_EQ(complaint("gap: 100ms", "gap: 20ms"),
            "p.yaml:15:48: error: shorter than one period of 'aux.level', so that all of it would "
            "be gaps\n");
  EXPECT_EQ(complaint("stream: aux.level", "stream: imu.ax"),
            "p.yaml:15:18: error: 'imu.ax' is among the streams already\n");
}

}  // namespace
}  // namespace haltere::agent
