#include "agent/pipeline/spec.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/agent/scratch_folder.hpp"

namespace haltere::agent {
namespace {

constexpr const char* sound = R"(agent:
  name: test
sensors:
  - id: imu
    platform: serial_lines
    device: /dev/null
    rate: 100Hz
    columns: [t:s, rec:segment, gesture:label, ax:g, ay:g, gx:dps]
  - id: button
    platform: gpio
    chip: gpiochip0
    line: 17
fusion:
  - id: features
    platform: window
    inputs: [imu.acceleration, imu.gx]
    length: 500ms
    step: 250ms
    features: [mean, std]
models:
  - id: gesture
    task: classify
    input: features
    labels: [up, down]
    layers: [8]
    label_from: [{column: imu}, {gpio: {sensor: button, label: up, span: 2s}}]
mcus:
  - id: tag
    device: /dev/null
    model: gesture
    hand_over: {after: 10 windows, if_better_by: 2%}
)";

class SpecTest : public testing::Test {
 protected:
  Result<PipelineSpec> load(const std::string& yaml, const std::vector<std::string>& sets = {}) {
    const auto path = scratch_.path() / "p.yaml";
    std::ofstream(path) << yaml;
    return load_pipeline(path, sets);
  }

  // The complaints about `sound` with `from` replaced by `to`, without the folder.
  std::string complaints(const std::string& from, const std::string& to) {
    std::string yaml = sound;
    const std::size_t at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    const auto spec = load(yaml.replace(at, from.size(), to));
    if (spec) return "no complaint";
    std::string text = spec.error().message;
    const std::string folder = scratch_.path().string() + "/";
    for (std::size_t i = text.find(folder); i != std::string::npos; i = text.find(folder)) {
      text.erase(i, folder.size());
    }
    return text;
  }

  ScratchFolder scratch_;
};

TEST_F(SpecTest, resolvesStreamsRatesAndShapes) {
  const auto spec = load(sound);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  ASSERT_EQ(spec->filters.size(), 1U);
  EXPECT_EQ(spec->filters[0].inputs[0].channels, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(spec->filters[0].inputs[1].channels, (std::vector<std::size_t>{2}));
  EXPECT_EQ(spec->filters[0].output.channels.size(), 6U);
  ASSERT_EQ(spec->models.size(), 1U);
  EXPECT_EQ(spec->models[0].column_from, 0U);
  ASSERT_EQ(spec->models[0].buttons.size(), 1U);
  EXPECT_EQ(spec->models[0].buttons[0].span, std::chrono::seconds(2));
  EXPECT_EQ(spec->models[0].hand_over.after, 10U);
  EXPECT_DOUBLE_EQ(spec->models[0].hand_over.if_better_by, 0.02);
  EXPECT_EQ(spec->queue_samples, 1024U);
}

TEST_F(SpecTest, aStreamThatDoesNotExistNamesTheNearest) {
  EXPECT_EQ(complaints("imu.acceleration,", "imu.acceleraton,"),
            "p.yaml:16:14: error: 'imu.acceleraton' is not a stream; did you mean "
            "'imu.acceleration'?\n");
}

TEST_F(SpecTest, aCycleIsShownStepByStep) {
  const std::string second =
      "  - {id: b, platform: window, inputs: [features], length: 1s, features: [mean]}\nmodels:";
  std::string yaml = sound;
  yaml.replace(yaml.find("imu.acceleration, imu.gx"), 24, "b");
  yaml.replace(yaml.find("models:"), 7, second);
  const auto spec = load(yaml);
  ASSERT_FALSE(spec.ok());
  EXPECT_NE(spec.error().message.find(
                ":16:14: error: 'features' depends on itself: features <- b <- features\n"),
            std::string::npos)
      << spec.error().message;
}

TEST_F(SpecTest, unknownPlatformsNameTheNearest) {
  EXPECT_EQ(complaints("platform: serial_lines", "platform: serial_line"),
            "p.yaml:5:15: error: 'serial_line' is not a sensor platform; did you mean "
            "'serial_lines'?\n");
  EXPECT_EQ(complaints("platform: window", "platform: windows"),
            "p.yaml:15:15: error: 'windows' is not a fusion platform; did you mean 'window'?\n");
}

TEST_F(SpecTest, aWrongNameIsBlamedOnceWhereItStands) {
  EXPECT_EQ(complaints("id: features", "id: featuers"),
            "p.yaml:23:12: error: 'features' is not a window; did you mean 'featuers'?\n");
  EXPECT_EQ(complaints("{column: imu}", "{column: imy}"),
            "p.yaml:26:27: error: 'imy' is not a sensor; did you mean 'imu'?\n");
  EXPECT_EQ(complaints("label: up,", "label: upp,"),
            "p.yaml:26:64: error: 'upp' is not a label of model 'gesture'; did you mean 'up'?\n");
  EXPECT_EQ(complaints("model: gesture", "model: gestures"),
            "p.yaml:30:12: error: 'gestures' is not a model; did you mean 'gesture'?\n");
}

TEST_F(SpecTest, unknownKeysAndMissingUnitsAreFound) {
  EXPECT_EQ(complaints("rate: 100Hz", "rat: 100Hz"),
            "p.yaml:7:5: error: 'rat' is not a setting of sensor platform 'serial_lines'; did you "
            "mean 'rate'?\n");
  EXPECT_NE(complaints("length: 500ms", "length: 500").find("p.yaml:17:13: error: "),
            std::string::npos);
  EXPECT_NE(complaints("models:", "modles:").find("did you mean 'models'?"), std::string::npos);
}

TEST_F(SpecTest, idsAndLabelsAreUnique) {
  EXPECT_EQ(complaints("id: button", "id: imu"),
            "p.yaml:9:9: error: the id 'imu' is already taken in line 4\n"
            "p.yaml:26:49: error: 'button' is not a sensor\n");
  EXPECT_EQ(complaints("[up, down]", "[up, up]"),
            "p.yaml:24:18: error: the label 'up' is there twice\n");
  EXPECT_EQ(complaints("[up, down]", "[up]"),
            "p.yaml:24:14: error: a model that classifies needs at least 2 'labels:'\n");
}

TEST_F(SpecTest, aModelTooLargeForItsMicrocontrollerIsAnError) {
  const std::string text = complaints("    model: gesture", "    ram: 10B\n    model: gesture");
  EXPECT_NE(text.find("p.yaml:28:5: error: model 'gesture' needs "), std::string::npos) << text;
  EXPECT_NE(text.find(" of RAM, mcu 'tag' has 10 B free"), std::string::npos) << text;
}

TEST_F(SpecTest, aMicrocontrollersSensorIsReadOnceAndByAKnownName) {
  const std::string button = "platform: gpio\n    chip: gpiochip0\n    line: 17\n";
  const std::string own = "platform: mcu_stream\n    mcu: tag\n    columns: [x]\n    rate: 9Hz\n";
  EXPECT_EQ(complaints(button, own), "no complaint");
  EXPECT_EQ(complaints(button, own + "  - {id: b, platform: mcu_stream, mcu: tag, columns: [x], "
                                     "rate: 9Hz}\n"),
            "p.yaml:14:40: error: mcu 'tag' is read by sensor 'button' already\n");
  std::string wrong = own;
  wrong.replace(wrong.find("tag"), 3, "tak");
  EXPECT_EQ(complaints(button, wrong),
            "p.yaml:11:10: error: 'tak' is not a mcu; did you mean 'tag'?\n");
}

TEST_F(SpecTest, aMicrocontrollerThatSeesItsSensorCannotWaitForEvents) {
  const std::string own = R"(
sensors:
  - {id: imu, platform: mcu_stream, mcu: tag, columns: [ax, ay], rate: 100Hz}
fusion:
  - id: taps
    platform: window
    inputs: [imu]
    length: 500ms
    features: [mean]
    trigger: {stream: imu.ay, above: 2}
models:
  - {id: tap, task: classify, input: taps, labels: [one, two], layers: [4]}
mcus:
  - {id: tag, device: /dev/ttyACM0, model: tap, hand_over: {after: 10 windows}}
)";
  const auto spec = load(own);
  ASSERT_FALSE(spec.ok());
  EXPECT_NE(spec.error().message.find("p.yaml:10:14: error: mcu 'tag' computes these windows by "
                                      "itself"),
            std::string::npos)
      << spec.error().message;
}

TEST_F(SpecTest, allMistakesAreReportedAtOnce) {
  std::string yaml = sound;
  yaml.replace(yaml.find("imu.gx"), 6, "imu.qx");
  yaml.replace(yaml.find("task: classify"), 14, "task: clasify");
  yaml.replace(yaml.find("line: 17"), 8, "lin: 17");
  const auto spec = load(yaml);
  ASSERT_FALSE(spec.ok());
  const std::string& text = spec.error().message;
  EXPECT_NE(text.find("'imu.qx' is not a stream"), std::string::npos) << text;
  EXPECT_NE(text.find("clasify"), std::string::npos) << text;
  EXPECT_NE(text.find("'lin' is not a setting"), std::string::npos) << text;
}

TEST_F(SpecTest, overridesAreAppliedAndTheirMistakesSaidToBeThere) {
  const auto spec = load(sound, {"imu.device=/dev/pts/5", "gesture.layers=[4, 4]"});
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_EQ(spec->sensors[0].settings.text("device"), "/dev/pts/5");
  EXPECT_EQ(spec->models[0].settings.layers, (std::vector<std::size_t>{4, 4}));
  const auto wrong = load(sound, {"imu.rate=fast"});
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.error().message.find("command line: error: "), std::string::npos);
}

TEST_F(SpecTest, alarmsPerDayAreAShareOfTheWindowsOfADay) {
  const std::string anomaly = "task: anomaly\n    false_alarms_per_day: 3\n    input: features\n";
  std::string yaml = sound;
  const std::size_t from = yaml.find("task: classify");
  const std::size_t until = yaml.find("    layers: [8]");
  yaml.replace(from, until - from, anomaly);
  const std::size_t labels = yaml.find("    label_from");
  yaml.erase(labels, yaml.find("mcus:") - labels);
  const auto spec = load(yaml);
  ASSERT_TRUE(spec.ok()) << spec.error().message;
  EXPECT_NEAR(spec->models[0].settings.false_alarm_rate, 3.0 / (4.0 * 86'400.0), 1e-12);
}

TEST_F(SpecTest, hostileShapesAreComplaintsNotCrashes) {
  for (const char* yaml : {"", "[]", "sensors: 5", "sensors: [5, {}, {platform: {}}]",
                           "sensors: [{platform: gpio}]\nfusion: [[], {platform: window}]",
                           "models: [{id: {}}]\nmcus: {}\nsensors: []"}) {
    const auto spec = load(yaml);
    ASSERT_FALSE(spec.ok()) << yaml;
    EXPECT_NE(spec.error().message.find("error: "), std::string::npos) << yaml;
  }
}

}  // namespace
}  // namespace haltere::agent
