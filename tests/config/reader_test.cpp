#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "config/settings.hpp"

namespace haltere::config {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 2> optimizers{"adam", "sgd"};
constexpr std::array band_power_settings{
    Setting{.key = "bands",
            .type = Type::integer,
            .description = "number of bands",
            .min = 1,
            .max = 32,
            .default_text = "8"},
    Setting{.key = "from",
            .type = Type::number,
            .description = "lower edge",
            .dimension = Dimension::frequency},
};
constexpr std::array features{
    Variant{.name = "mean", .description = "average"},
    Variant{
        .name = "band_power", .description = "energy per band", .settings = band_power_settings},
};
constexpr std::array learn_settings{
    Setting{.key = "rate",
            .type = Type::number,
            .description = "step size",
            .min = 0,
            .max = 1,
            .default_text = "0.002"},
};
constexpr std::array settings{
    Setting{.key = "update_interval",
            .type = Type::number,
            .description = "time between readings",
            .dimension = Dimension::time,
            .min = 0.001,
            .max = 3600,
            .default_text = "60s"},
    Setting{.key = "address",
            .type = Type::integer,
            .description = "on the bus",
            .min = 0x08,
            .max = 0x77},
    Setting{
        .key = "bus", .type = Type::name, .description = "bus the chip is on", .required = true},
    Setting{.key = "enabled",
            .type = Type::flag,
            .description = "whether it runs",
            .default_text = "true"},
    Setting{.key = "label", .type = Type::text, .description = "words for people"},
    Setting{.key = "optimizer",
            .type = Type::choice,
            .description = "how weights move",
            .default_text = "adam",
            .choices = optimizers},
    Setting{.key = "input", .type = Type::stream, .description = "what it reads"},
    Setting{.key = "inputs", .type = Type::streams, .description = "what it reads"},
    Setting{.key = "labels",
            .type = Type::texts,
            .description = "classes",
            .default_text = "[no, yes]"},
    Setting{.key = "layers",
            .type = Type::integers,
            .description = "neurons per layer",
            .min = 1,
            .max = 256,
            .default_text = "[16]"},
    Setting{.key = "learn",
            .type = Type::section,
            .description = "how it learns",
            .children = learn_settings},
    Setting{.key = "spans",
            .type = Type::sections,
            .description = "several",
            .children = learn_settings},
    Setting{.key = "features",
            .type = Type::variants,
            .description = "what is computed",
            .variants = features},
};

struct Read {
  Section section;
  std::string messages;
};

Read read(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  const Result<Node> node = parse_yaml(text, diagnostics);
  EXPECT_TRUE(node.ok()) << to_text("f", diagnostics);
  Section section = read_section(*node, settings, "sensor platform 'bme280_i2c'", diagnostics);
  return {std::move(section), to_text("f", diagnostics)};
}

// The message about `line`, given after a sound first line.
std::string complaint(std::string_view line) {
  return read("bus: i2c1\n" + std::string(line)).messages;
}

TEST(Reader, delivers_every_type) {
  const Read result = read(R"(
update_interval: 5ms
address: 0x6a
bus: i2c1
enabled: false
label: "60"
optimizer: sgd
input: imu.acceleration
inputs: [imu, pose.gravity]
labels: one
layers: [32, 16]
learn: {rate: 0.5}
spans: [{rate: 0.1}, {rate: 0.2}]
features: [mean, {band_power: {bands: 4, from: 0.5Hz}}, {band_power: 6}, band_power]
)");
  ASSERT_EQ(result.messages, "");
  const Section& section = result.section;
  EXPECT_EQ(section.number("update_interval"), 0.005);
  EXPECT_EQ(section.duration("update_interval"), 5ms);
  EXPECT_EQ(section.integer("address"), 0x6a);
  EXPECT_FALSE(section.flag("enabled"));
  EXPECT_EQ(section.text("label"), "60");
  EXPECT_EQ(section.text("optimizer"), "sgd");
  EXPECT_EQ(section.text("input"), "imu.acceleration");
  EXPECT_EQ(section.texts("inputs"), (std::vector<std::string>{"imu", "pose.gravity"}));
  EXPECT_EQ(section.texts("labels"), std::vector<std::string>{"one"});
  EXPECT_EQ(section.integers("layers"), (std::vector<std::int64_t>{32, 16}));
  EXPECT_EQ(section.section("learn").number("rate"), 0.5);
  EXPECT_EQ(section.sections("spans").at(1).number("rate"), 0.2);
  const std::vector<Section::Item>& items = section.variants("features");
  ASSERT_EQ(items.size(), 4U);
  EXPECT_EQ(items[0].name, "mean");
  EXPECT_EQ(items[1].settings.integer("bands"), 4);
  EXPECT_EQ(items[1].settings.number("from"), 0.5);
  EXPECT_EQ(items[2].settings.integer("bands"), 6);
  EXPECT_EQ(items[3].settings.integer("bands"), 8);
  EXPECT_FALSE(items[3].settings.has("from"));
}

TEST(Reader, knows_where_values_stand) {
  const Section section = read("bus: i2c1\ninputs: [imu, pose.gravity]\n").section;
  EXPECT_EQ(section.position("bus"), (Position{1, 6}));
  EXPECT_EQ(section.position("inputs"), (Position{2, 10}));
  EXPECT_EQ(section.position("inputs", 1), (Position{2, 15}));
  EXPECT_EQ(section.position("enabled"), (Position{1, 1}));
  EXPECT_EQ(section.position("address"), (Position{1, 1}));
}

TEST(Reader, fills_in_defaults) {
  const Section section = read("bus: i2c1").section;
  EXPECT_EQ(section.number("update_interval"), 60);
  EXPECT_TRUE(section.flag("enabled"));
  EXPECT_EQ(section.texts("labels"), (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(section.integers("layers"), std::vector<std::int64_t>{16});
  EXPECT_FALSE(section.has("address"));
  EXPECT_FALSE(section.has("learn"));
}

TEST(Reader, unknown_keys_get_the_nearest_one) {
  EXPECT_EQ(complaint("updat_interval: 60s"),
            "f:2:1: error: 'updat_interval' is not a setting of sensor platform 'bme280_i2c'; did "
            "you mean "
            "'update_interval'?\n");
  EXPECT_EQ(complaint("learn: {rte: 1}"),
            "f:2:9: error: 'rte' is not a setting of 'learn'; did you mean 'rate'?\n");
  EXPECT_EQ(complaint("learn: {colour: 1}"),
            "f:2:9: error: 'colour' is not a setting of 'learn'; its settings are rate\n");
}

TEST(Reader, missing_unit_is_placed_at_the_value) {
  EXPECT_EQ(complaint("update_interval: 60"),
            "f:2:18: error: '60' has no unit; did you mean '60s'?\n");
}

TEST(Reader, missing_settings_are_named_with_their_meaning) {
  EXPECT_EQ(read("label: x").messages,
            "f:1:1: error: sensor platform 'bme280_i2c' needs 'bus': bus the chip is on\n");
  EXPECT_EQ(read("").messages,
            "f:1:1: error: sensor platform 'bme280_i2c' needs 'bus': bus the chip is on\n");
  EXPECT_EQ(complaint("address:"), "f:2:1: error: 'address' has no value\n");
}

TEST(Reader, wrong_types_are_named) {
  EXPECT_EQ(complaint("label: [a]"), "f:2:8: error: 'label' must be a single value, not a list\n");
  EXPECT_EQ(complaint("address: {a: 1}"),
            "f:2:10: error: 'address' must be a single value, not a mapping\n");
  EXPECT_EQ(complaint("address: ten"), "f:2:10: error: 'ten' is not a whole number\n");
  EXPECT_EQ(complaint("address: 1.5"), "f:2:10: error: '1.5' is not a whole number\n");
  EXPECT_EQ(complaint("address: '16'"),
            "f:2:10: error: '16' is text because of its quotes; write it without\n");
  EXPECT_EQ(complaint("update_interval: \"5s\""),
            "f:2:18: error: '5s' is text because of its quotes; write it without\n");
  EXPECT_EQ(complaint("enabled: on"),
            "f:2:10: error: 'on' is neither true nor false; did you mean 'true'?\n");
  EXPECT_EQ(complaint("enabled: False"),
            "f:2:10: error: 'False' is neither true nor false; did you mean 'false'?\n");
  EXPECT_EQ(complaint("enabled: 1"), "f:2:10: error: '1' is neither true nor false\n");
  EXPECT_EQ(complaint("learn: 5"),
            "f:2:8: error: 'learn' must be a mapping of settings, not a single value\n");
  EXPECT_EQ(complaint("layers: [8, x, {}]"),
            "f:2:13: error: 'x' is not a whole number\n"
            "f:2:16: error: 'layers' must be a single value, not a mapping\n");
  EXPECT_EQ(
      read("[a]").messages,
      "f:1:1: error: sensor platform 'bme280_i2c' must be a mapping of settings, not a list\n");
}

TEST(Reader, octal_and_nan_are_no_numbers) {
  EXPECT_EQ(complaint("address: 010"),
            "f:2:10: error: '010' starts with a zero; did you mean '10'?\n");
  EXPECT_EQ(complaint("learn: {rate: .nan}"), "f:2:15: error: '.nan' is not a number\n");
  EXPECT_EQ(complaint("address: 99999999999999999999"),
            "f:2:10: error: '99999999999999999999' is too large\n");
}

TEST(Reader, ranges_are_told_in_users_units) {
  EXPECT_EQ(
      complaint("update_interval: 0s"),
      "f:2:18: error: '0s' is out of range; 'update_interval' must be between 1 ms and 1 h\n");
  EXPECT_EQ(complaint("address: 0x78"),
            "f:2:10: error: '0x78' is out of range; 'address' must be between 8 and 119\n");
  EXPECT_EQ(complaint("layers: [0]"),
            "f:2:10: error: '0' is out of range; 'layers' must be between 1 and 256\n");
}

TEST(Reader, choices_and_names_are_checked) {
  EXPECT_EQ(complaint("optimizer: adma"),
            "f:2:12: error: 'adma' is not a value of 'optimizer'; did you mean 'adam'?\n");
  EXPECT_EQ(complaint("optimizer: lbfgs"),
            "f:2:12: error: 'lbfgs' is not a value of 'optimizer'; its values are adam, sgd\n");
  EXPECT_EQ(read("bus: i2c.1").messages,
            "f:1:6: error: 'i2c.1' cannot be the 'bus'; use letters, digits, '_' and '-'\n");
  EXPECT_EQ(
      complaint("inputs: [imu, a.b.c]"),
      "f:2:15: error: 'a.b.c' is not the name of a stream, such as 'imu' or 'imu.acceleration'\n");
}

TEST(Reader, variants_are_checked) {
  EXPECT_EQ(complaint("features: [men]"),
            "f:2:12: error: 'men' is not one of the 'features'; did you mean 'mean'?\n");
  EXPECT_EQ(complaint("features: [kurtosis]"),
            "f:2:12: error: 'kurtosis' is not one of the 'features'; there are mean, band_power\n");
  EXPECT_EQ(complaint("features: [{mean: 5}]"), "f:2:19: error: 'mean' has no settings\n");
  EXPECT_EQ(complaint("features: [{mean: {}, band_power: {}}]"),
            "f:2:12: error: each entry of 'features' must be a name or one 'name: ...'\n");
  EXPECT_EQ(complaint("features: [{band_power: {bnds: 1}}]"),
            "f:2:26: error: 'bnds' is not a setting of 'band_power'; did you mean 'bands'?\n");
}

TEST(Reader, secrets_stand_only_where_they_are_kept_secret) {
  EXPECT_EQ(complaint("label: !secret x"), "f:2:8: error: 'label' cannot be a secret\n");
}

TEST(Reader, finds_all_mistakes_at_once_in_file_order) {
  EXPECT_EQ(
      read("update_interval: 60\naddress: x\ncolour: 1\n").messages,
      "f:1:1: error: sensor platform 'bme280_i2c' needs 'bus': bus the chip is on\n"
      "f:1:18: error: '60' has no unit; did you mean '60s'?\n"
      "f:2:10: error: 'x' is not a whole number\n"
      "f:3:1: error: 'colour' is not a setting of sensor platform 'bme280_i2c'; its settings are "
      "update_interval, address, bus, enabled, label, optimizer, input, inputs, labels, layers, "
      "learn, spans, "
      "features\n");
}

TEST(Reader, getters_are_safe_after_mistakes) {
  const Section section = read("update_interval: 60\nlabels: {a: 1}").section;
  EXPECT_EQ(section.text("bus"), "");
  EXPECT_EQ(section.number("update_interval"), 0);
}

constexpr std::array worded{
    Setting{.key = "rate",
            .type = Type::number,
            .description = "step size",
            .min = 0,
            .max = 1,
            .word = "auto",
            .default_text = "0.002"},
    Setting{.key = "layers",
            .type = Type::integers,
            .description = "units",
            .min = 1,
            .max = 64,
            .word = "auto",
            .default_text = "16"},
};

TEST(Word, MayStandInPlaceOfAValue) {
  std::vector<Diagnostic> diagnostics;
  const auto read = [&](const char* yaml) {
    const Node node = parse_yaml(yaml, diagnostics).value();
    return read_section(node, worded, "model", diagnostics);
  };
  const Section given = read("{rate: auto, layers: auto}");
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_TRUE(given.says("rate", "auto"));
  EXPECT_TRUE(given.says("layers", "auto"));
  const Section values = read("{rate: 0.5, layers: [8, 4]}");
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_FALSE(values.says("rate", "auto"));
  EXPECT_EQ(values.number("rate"), 0.5);
  EXPECT_EQ(values.integers("layers"), (std::vector<std::int64_t>{8, 4}));
  EXPECT_FALSE(read("{}").says("rate", "auto"));
  read("{rate: automatic}");
  EXPECT_EQ(diagnostics.size(), 1U);
  diagnostics.clear();
  read("{layers: [auto, 8]}");
  EXPECT_EQ(diagnostics.size(), 1U) << "only in place of the whole";
}

}  // namespace
}  // namespace haltere::config
