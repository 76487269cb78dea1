// Platforms `redundant`, `air`, `vibration` and `activity`, from the file to their rows.
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "agent/pipeline/graph.hpp"
#include "tests/agent/made_up_motion.hpp"

namespace haltere::agent {
namespace {

using sensors::TimeNs;

constexpr TimeNs ms = 1'000'000;

/// The newest row of each filter, by the names of its channels.
class Newest final : public ModelObserver {
 public:
  explicit Newest(const PipelineSpec& spec) : spec_(spec) {}
  void on_window(const WindowEvent& /*event*/) override { ++windows; }
  void on_promotion(std::size_t, std::span<const std::uint8_t>) override {}
  void on_output(std::size_t filter, TimeNs /*time_ns*/, std::span<const float> row) override {
    const auto& channels = spec_.filters[filter].output.channels;
    for (std::size_t i = 0; i < row.size(); ++i) values[channels[i].name] = row[i];
    ++rows;
  }
  std::map<std::string, float> values;
  int rows = 0;
  int windows = 0;

 private:
  const PipelineSpec& spec_;
};

class SignalsPipeline : public testing::Test {
 protected:
  static std::string sensor(const std::string& id, const std::string& rate,
                            const std::string& columns) {
    return "  - {id: " + id + ", platform: serial_lines, device: /dev/" + id + ", rate: " + rate +
           ", columns: [" + columns + "]}\n";
  }
  void build(const std::string& yaml) {
    spec_ = load_yaml_text(scratch_, yaml);
    auto graph = Graph::create(spec_, {});
    ASSERT_TRUE(graph.ok()) << graph.error().message;
    graph_ = std::move(graph).value();
    seen_.emplace(spec_);
  }
  void push(std::size_t sensor, TimeNs time_ns, const std::vector<float>& values) {
    sensors::Sample sample;
    sample.sensor = static_cast<std::uint16_t>(sensor);
    sample.time_ns = time_ns;
    sample.count = static_cast<std::uint8_t>(values.size());
    std::ranges::copy(values, sample.values.begin());
    graph_->push(sample, *seen_);
  }
  std::string complaint(const std::string& yaml) {
    const auto path = scratch_.path() / "wrong.yaml";
    std::ofstream(path) << yaml;
    const auto spec = load_pipeline(path, {});
    return spec ? "no complaint" : spec.error().message.substr(path.string().size() + 1);
  }

  ScratchFolder scratch_;
  PipelineSpec spec_;
  std::optional<Graph> graph_;
  std::optional<Newest> seen_;
};

TEST_F(SignalsPipeline, redundantSensorsMayFallSilent) {
  build("sensors:\n" + sensor("a", "10Hz", "x:celsius") + sensor("b", "10Hz", "x:celsius") +
        sensor("c", "5Hz", "x:celsius") +
        "fusion:\n  - {id: warmth, platform: redundant, inputs: [a.x, b.x, c.x]}\n");
  for (int i = 0; i < 400; ++i) {
    const TimeNs now = i * 100 * ms;
    const float wobble = 0.1F * static_cast<float>((i * 7919) % 11 - 5);
    if (i < 300) push(0, now, {20.0F + wobble});  // the one whose rate it takes
    push(1, now + 10 * ms, {20.0F - wobble});
    if (i % 2 == 0) push(2, now + 20 * ms, {20.0F + 0.5F * wobble});
  }
  graph_->finish(*seen_);
  EXPECT_NEAR(seen_->values.at("value"), 20.0F, 0.3F);
  EXPECT_EQ(seen_->values.at("valid"), 1.0F);
  EXPECT_EQ(seen_->values.at("fault.a.x"), 1.0F) << "missing";
  EXPECT_EQ(seen_->values.at("fault.b.x"), 0.0F);
  EXPECT_EQ(seen_->values.at("weight.a.x"), 0.0F);
  EXPECT_NEAR(seen_->values.at("weight.b.x") + seen_->values.at("weight.c.x"), 1.0F, 1e-5F);
  EXPECT_GT(seen_->rows, 390);
}

TEST_F(SignalsPipeline, airSaysWhatFollowsFromIt) {
  build("sensors:\n" + sensor("box", "1Hz", "t:celsius, rh:percent, p:hPa") +
        "fusion:\n  - {id: air, platform: air, temperature: box.t, humidity: box.rh, pressure: "
        "box.p, altitude: 520m}\n");
  push(0, 0, {20.0F, 50.0F, 95'500.0F});
  EXPECT_NEAR(seen_->values.at("dew_point"), 9.26F, 0.02F);
  EXPECT_NEAR(seen_->values.at("absolute_humidity"), 8.62F, 0.03F);
  EXPECT_NEAR(seen_->values.at("sea_level_pressure"), 101'500.0F, 100.0F);
}

TEST_F(SignalsPipeline, aMachinesVibrationHasAZone) {
  build("sensors:\n" + sensor("pump", "8kHz", "ax:g") +
        "fusion:\n  - {id: machine, platform: vibration, acceleration: pump.acceleration, "
        "machine: class_2, every: 500ms}\n");
  for (int i = 0; i < 16'000; ++i) {
    const double v = 5.0 * std::sqrt(2.0) * std::sin(6.283185307 * 50.0 * i / 8000.0);  // m/s²
    push(0, static_cast<TimeNs>(i) * 125'000, {static_cast<float>(v)});
  }
  EXPECT_NEAR(seen_->values.at("velocity_mmps.ax"), 5.0 / (6.283185307 * 50.0) * 1000.0, 0.2);
  EXPECT_EQ(seen_->values.at("zone"), 3.0F) << "15.9 mm/s";
  EXPECT_NEAR(seen_->values.at("crest_factor.ax"), 1.414F, 0.01F);
  EXPECT_EQ(seen_->rows, 3) << "the first half second settles";
}

TEST_F(SignalsPipeline, whatMovesGatesWhatIsLearned) {
  std::string yaml = motion_yaml("/dev/null");
  yaml.insert(yaml.find("fusion:"), sensor("tag", "100Hz", "x:m/s2, y:m/s2, z:m/s2"));
  yaml.insert(yaml.find("models:"),
              "  - {id: going, platform: activity, accelerometer: tag.acceleration}\n");
  yaml.insert(yaml.find("    task:"), "    learn_when: not going.at_rest\n");
  build(yaml);
  const auto rows = [&](int from, int to, bool moves) {
    for (int i = from; i < to; ++i) {
      const float shake = moves ? 5.0F * static_cast<float>(std::sin(0.7 * i)) : 0.0F;
      push(1, i * 10 * ms, {0.0F, shake, 9.81F});
      sensors::Sample sample;
      sample.time_ns = i * 10 * ms;
      sample.count = 2;
      sample.label = sensors::label_text("slow");
      graph_->push(sample, *seen_);
    }
  };
  rows(0, 400, true);
  const ModelNode& model = graph_->models()[0];
  EXPECT_EQ(model.counters().labelled, 20U);
  EXPECT_EQ(model.counters().gated, 0U);
  rows(400, 1000, false);  // at rest after a while
  EXPECT_EQ(model.counters().windows, 50U);
  EXPECT_GE(model.counters().gated, 18U);
  EXPECT_EQ(model.counters().labelled + model.counters().gated, 50U);
  EXPECT_EQ(model.model().counters().learned, model.counters().labelled);
}

TEST_F(SignalsPipeline, whatIsWrongIsSaidWhereItStands) {
  const std::string box =
      "sensors:\n" + sensor("box", "10Hz", "t:celsius, rh:percent, p:hPa, ax:g");
  const auto said = [&](const std::string& fusion) {
    return complaint(box + "fusion:\n  - {id: f, " + fusion + "}\n");
  };
  EXPECT_EQ(said("platform: redundant, inputs: [box.t]"),
            "4:43: error: two to eight inputs are needed\n");
  EXPECT_EQ(said("platform: redundant, inputs: [box.t, box.rh]"),
            "4:50: error: 'box.rh' is of humidity, the first of temperature\n");
  EXPECT_EQ(said("platform: air, temperature: box.t"),
            "4:5: error: of temperature alone nothing follows: add 'humidity' or 'pressure'\n");
  EXPECT_EQ(said("platform: air, temperature: box.t, pressure: box.p"),
            "4:58: error: the pressure at sea level needs an 'altitude', as in '520m'\n");
  EXPECT_EQ(said("platform: vibration, acceleration: box.ax"),
            "4:48: error: 'box.ax' needs a fixed rate of 100 Hz or more\n");
  EXPECT_TRUE(said("platform: vibration, acceleration: box.rh")
                  .starts_with("4:48: error: 'box.rh' should be one to three axes of "
                               "acceleration\n"));
}

}  // namespace
}  // namespace haltere::agent
