#include "agent/pipeline/graph.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "models/bundle.hpp"
#include "tests/agent/made_up_motion.hpp"

namespace haltere::agent {
namespace {

using sensors::Sample;
using sensors::TimeNs;

constexpr TimeNs ms = 1'000'000;

struct Seen {
  int label = RowLabels::none;
  bool held_out = false;
};

class Recorder final : public ModelObserver {
 public:
  void on_window(const WindowEvent& event) override {
    windows.push_back({event.label, event.held_out});
  }
  void on_promotion(std::size_t, std::span<const std::uint8_t>) override { ++promotions; }

  std::vector<Seen> windows;
  int promotions = 0;
};

class GraphTest : public testing::Test {
 protected:
  void build(const std::string& yaml, LearnOptions options = {}) {
    spec_ = load_yaml_text(scratch_, yaml);
    auto graph = Graph::create(spec_, options);
    ASSERT_TRUE(graph.ok()) << graph.error().message;
    graph_ = std::move(graph).value();
  }
  // Pushes rows of sensor 0 at 100 Hz; the window is 20 rows long.
  void push(int rows, const char* label = "", bool starts_segment = false) {
    for (int i = 0; i < rows; ++i) {
      Sample sample;
      sample.time_ns = now_ns_ += 10 * ms;
      sample.count = 2;
      sample.starts_segment = starts_segment && i == 0;
      sample.label = sensors::label_text(label);
      sample.values[0] = static_cast<float>(i % 3);
      graph_->push(sample, seen_);
    }
  }

  ScratchFolder scratch_;
  PipelineSpec spec_;
  std::optional<Graph> graph_;
  Recorder seen_;
  TimeNs now_ns_ = 0;
};

TEST_F(GraphTest, windowsCarryTheLabelTheirRowsShare) {
  build(motion_yaml("/dev/null"));
  push(20, "slow");
  push(5, "slow");
  push(15, "fast");
  push(20);
  ASSERT_EQ(seen_.windows.size(), 3U);
  EXPECT_EQ(seen_.windows[0].label, 1);
  EXPECT_EQ(seen_.windows[1].label, RowLabels::none) << "two labels meet";
  EXPECT_EQ(seen_.windows[2].label, RowLabels::none);
  EXPECT_EQ(graph_->models()[0].counters().mixed, 1U);
  EXPECT_EQ(graph_->models()[0].model().counters().learned, 1U);
}

TEST_F(GraphTest, aLabelNobodyKnowsIsCountedAndNotLearned) {
  build(motion_yaml("/dev/null"));
  push(20, "sideways");
  ASSERT_EQ(seen_.windows.size(), 1U);
  EXPECT_EQ(seen_.windows[0].label, RowLabels::none);
  EXPECT_EQ(graph_->models()[0].counters().unknown_labels, 20U);
}

TEST_F(GraphTest, aGivenLabelHoldsForItsSpanOfSampleTime) {
  build(motion_yaml("/dev/null"));
  push(20);
  EXPECT_EQ(graph_->give_label("fast", std::chrono::milliseconds(300)), 1U);
  EXPECT_EQ(graph_->give_label("sideways", std::chrono::seconds(1)), 0U);
  push(60);
  ASSERT_EQ(seen_.windows.size(), 4U);
  EXPECT_EQ(seen_.windows[0].label, RowLabels::none);
  EXPECT_EQ(seen_.windows[1].label, 2);
  EXPECT_EQ(seen_.windows[2].label, 2) << "half of its rows are in the span";
  EXPECT_EQ(seen_.windows[3].label, RowLabels::none);
}

TEST_F(GraphTest, aLabelGivenBeforeTheFirstSampleStartsWithIt) {
  build(motion_yaml("/dev/null"));
  now_ns_ = 1'000'000 * ms;
  graph_->give_label("slow", std::chrono::milliseconds(200));
  push(40);
  ASSERT_EQ(seen_.windows.size(), 2U);
  EXPECT_EQ(seen_.windows[0].label, 1);
  EXPECT_EQ(seen_.windows[1].label, RowLabels::none);
}

TEST_F(GraphTest, labelsMayComeLateChangeAndBeTakenBack) {
  build(motion_yaml("/dev/null"));
  push(60);  // three windows of 0.2 s, none labelled
  ModelNode& node = graph_->models()[0];
  EXPECT_EQ(node.model().counters().learned, 0U);
  using std::chrono::milliseconds;
  const Relabelled late = graph_->relabel("slow", milliseconds(395), milliseconds(395));
  EXPECT_EQ(late.models, 1U);
  EXPECT_EQ(late.windows, 2U);
  EXPECT_EQ(node.counters().late, 2U);
  EXPECT_EQ(node.model().counters().learned, 2U);
  EXPECT_EQ(node.model().class_metrics().all().total(), 2.0) << "the answers given then count";

  EXPECT_EQ(graph_->relabel("slow", milliseconds(395), milliseconds(395)).windows, 0U);
  EXPECT_EQ(graph_->relabel("fast", milliseconds(195), milliseconds(195)).windows, 1U);
  EXPECT_EQ(node.counters().corrected, 1U);
  EXPECT_EQ(node.model().remembered_rows().count, 2U);
  EXPECT_EQ(node.model().class_metrics().all().total(), 2.0) << "an answer counts once";

  EXPECT_EQ(graph_->relabel("", milliseconds(1000), milliseconds(1000)).windows, 2U);
  EXPECT_EQ(node.counters().withdrawn, 2U);
  EXPECT_EQ(node.model().remembered_rows().count, 0U);
  EXPECT_EQ(graph_->relabel("sideways", milliseconds(100), milliseconds(100)).models, 0U);
}

TEST_F(GraphTest, aNewLabelBecomesAClassWhereTheFileSaysSo) {
  std::string yaml = motion_yaml("/dev/null");
  const std::string labels = "    labels: [still, slow, fast]\n";
  yaml.replace(yaml.find(labels), labels.size(), labels + "    learn: {new_labels: true}\n");
  build(yaml);
  push(20, "slow");
  push(20, "sideways");
  push(20, "sideways");
  const ModelNode& node = graph_->models()[0];
  ASSERT_EQ(node.model().settings().labels.size(), 4U);
  EXPECT_EQ(node.model().settings().labels.back(), "sideways");
  EXPECT_EQ(node.counters().unknown_labels, 0U);
  EXPECT_EQ(seen_.windows.back().label, 3);
  auto resumed = Graph::create(spec_, {}).value();
  ASSERT_TRUE(resumed.models()[0].restore(node.save()).ok());
  EXPECT_EQ(resumed.models()[0].model().settings().labels.size(), 4U);
  EXPECT_EQ(resumed.give_label("sideways", std::chrono::seconds(1)), 1U);
}

TEST_F(GraphTest, noWindowSpansASegmentAHoleOrALoss) {
  build(motion_yaml("/dev/null"));
  push(19, "slow");
  push(19, "slow", true);
  now_ns_ += 300 * ms;
  push(19, "slow");
  graph_->break_segment(0);
  push(19, "slow");
  EXPECT_TRUE(seen_.windows.empty());
  push(1, "slow");
  EXPECT_EQ(seen_.windows.size(), 1U);
}

TEST_F(GraphTest, heldOutSegmentsAreNeverLearned) {
  build(motion_yaml("/dev/null"), {.learn = true, .hold_out_every = 3});
  const char* names[] = {"still", "slow", "fast"};
  for (int segment = 0; segment < 9; ++segment) push(20, names[segment % 2], segment > 0);
  ASSERT_EQ(seen_.windows.size(), 9U);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(seen_.windows[i].held_out, i % 3 == 0) << i;
  ModelNode& model = graph_->models()[0];
  EXPECT_EQ(model.model().counters().learned, 6U);
  EXPECT_EQ(model.model().class_metrics().all().total(), 6.0);
  const auto test = model.test_held_out();
  ASSERT_TRUE(test.has_value());
  EXPECT_EQ(test->float_answers.total(), 3.0);
  EXPECT_EQ(test->int8_answers.total(), 3.0);
}

TEST_F(GraphTest, aButtonLabelsTheTimeThatFollows) {
  std::string yaml = motion_yaml("/dev/null");
  yaml.replace(yaml.find("fusion:"), 7,
               "  - {id: button, platform: gpio, chip: gpiochip0, line: 17}\nfusion:");
  yaml.replace(yaml.find("{column: imu}"), 13, "gpio: {sensor: button, label: fast, span: 200ms}");
  build(yaml);
  push(20);
  Sample press;
  press.sensor = 1;
  press.count = 1;
  press.values[0] = 1.0F;
  graph_->push(press, seen_);
  graph_->push(press, seen_);  // held down: no second press
  push(40);
  ASSERT_EQ(seen_.windows.size(), 3U);
  EXPECT_EQ(seen_.windows[1].label, 2);
  EXPECT_EQ(seen_.windows[2].label, RowLabels::none);
}

std::string regression_yaml(const std::string& target) {
  return motion_yaml("/dev/null",
                     "  - id: both\n"
                     "    task: regress\n"
                     "    input: features\n"
                     "    layers: [8]\n"
                     "    learn: {interval: 80%}\n"
                     "    target: " +
                         target + "\n");
}

TEST_F(GraphTest, aModelPredictsEveryChannelItIsToldTo) {
  build(regression_yaml("[imu.gx, imu.ax]"));
  push(60);
  const ModelNode& both = graph_->models()[1];
  EXPECT_EQ(both.counters().labelled, 3U);
  EXPECT_EQ(both.model().counters().learned, 3U);
  const auto bundle = models::decode(both.make_bundle().value());
  ASSERT_TRUE(bundle.ok());
  EXPECT_EQ(bundle->labels, (std::vector<std::string>{"imu.gx", "imu.ax", "imu.gx low",
                                                      "imu.ax low", "imu.gx high", "imu.ax high"}));
  EXPECT_EQ(both.model().target_mean()[0], 0.0F) << "gx is never moved";
  EXPECT_GT(both.model().target_mean()[1], 0.0F);
}

TEST_F(GraphTest, aTargetOfSeveralChannelsIsAsManyTargets) {
  build(regression_yaml("imu"));
  push(20);
  EXPECT_EQ(graph_->models()[1].spec().target_names, (std::vector<std::string>{"ax", "gx"}));
  EXPECT_EQ(graph_->models()[1].model().settings().targets, 2U);
}

TEST_F(GraphTest, aHeldInputThatStopsIsCountedAsStale) {
  std::string yaml = motion_yaml("/dev/null");
  yaml.replace(yaml.find("fusion:"), 7,
               "  - {id: slow, platform: serial_lines, device: /dev/null, rate: 10Hz, "
               "columns: [p:Pa]}\nfusion:");
  yaml.replace(yaml.find("[imu]"), 5, "[imu, slow]");
  build(yaml);
  push(5);
  EXPECT_EQ(graph_->filter_counters(0).waiting, 5U) << "no value of the other sensor yet";
  Sample other;
  other.sensor = 1;
  other.count = 1;
  graph_->push(other, seen_);
  push(31);
  EXPECT_EQ(graph_->filter_counters(0).stale, 0U) << "three periods of 100 ms";
  push(4);
  EXPECT_EQ(graph_->filter_counters(0).stale, 4U);
}

TEST_F(GraphTest, aSampleOfTheWrongShapeIsIgnored) {
  build(motion_yaml("/dev/null"));
  Sample sample;
  sample.count = 7;
  graph_->push(sample, seen_);
  EXPECT_EQ(graph_->samples(), 0U);
}

}  // namespace
}  // namespace haltere::agent
