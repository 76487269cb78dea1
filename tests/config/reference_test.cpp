#include "config/reference.hpp"
#include "config/json.hpp"

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace haltere::config {
namespace {

constexpr std::array<std::string_view, 2> optimizers{"adam", "sgd"};
constexpr std::array band_settings{
    Setting{.key = "bands",
            .type = Type::integer,
            .description = "How many",
            .min = 1,
            .max = 32,
            .default_text = "8"},
};
constexpr std::array features{
    Variant{"mean", "Average"},
    Variant{"band_power", "Power in bands", band_settings},
};
constexpr std::array settings{
    Setting{.key = "rate",
            .type = Type::number,
            .description = "Readings per second",
            .dimension = Dimension::frequency,
            .min = 1,
            .max = 1000,
            .required = true},
    Setting{.key = "optimizer",
            .type = Type::choice,
            .description = "How weights move",
            .default_text = "adam",
            .choices = optimizers},
    Setting{.key = "share",
            .type = Type::number,
            .description = "Share",
            .dimension = Dimension::ratio,
            .min = 0,
            .max = 1},
    Setting{.key = "layers", .type = Type::integers, .description = "Units", .min = 1},
    Setting{.key = "learn",
            .type = Type::section,
            .description = "How it learns",
            .children = band_settings},
    Setting{.key = "features",
            .type = Type::variants,
            .description = "What is computed",
            .variants = features},
};
constexpr Component sensor{"sensors", "tmp102", "Thermometer", settings};
constexpr Component agent{"agent", "", "The agent", band_settings};
constexpr std::array components{agent, sensor};

TEST(Reference, terminal_page_tells_value_need_and_meaning) {
  EXPECT_EQ(terminal_reference(sensor),
            "sensors tmp102: Thermometer\n"
            "\n"
            "  id: name; required\n"
            "      Name by which the rest of the file refers to it\n"
            "  platform: text; required\n"
            "      What it is, as the title of this table says\n"
            "  rate: frequency (mHz, Hz, kHz, MHz), between 1 Hz and 1 kHz; required\n"
            "      Readings per second\n"
            "  optimizer: adam | sgd; default adam\n"
            "      How weights move\n"
            "  share: ratio (%, percent), between 0% and 100%\n"
            "      Share\n"
            "  layers: list of whole numbers, at least 1\n"
            "      Units\n"
            "  learn: settings\n"
            "      How it learns\n"
            "      bands: whole number, between 1 and 32; default 8\n"
            "          How many\n"
            "  features: list of\n"
            "      What is computed\n"
            "      - mean: Average\n"
            "      - band_power: Power in bands\n"
            "          bands: whole number, between 1 and 32; default 8\n"
            "              How many\n");
}

TEST(Reference, list_is_aligned) {
  EXPECT_EQ(terminal_list(components),
            "  agent           The agent\n"
            "  sensors tmp102  Thermometer\n");
}

TEST(Reference, markdown_page_has_a_table_per_component) {
  const std::string page = markdown_reference(components);
  EXPECT_NE(
      page.find("\n## sensors tmp102\n\nThermometer.\n\n| setting | value | default | meaning |\n"),
      std::string::npos);
  EXPECT_NE(page.find("| `optimizer` | adam \\| sgd | `adam` | How weights move |\n"),
            std::string::npos);
  EXPECT_NE(page.find("| &nbsp;&nbsp;&nbsp;&nbsp;`bands` | whole number, between 1 and 32 | `8` | "
                      "How many |\n"),
            std::string::npos);
}

TEST(Schema, describes_every_setting) {
  const auto schema = nlohmann::json::parse(json_schema(components));
  EXPECT_EQ(schema["properties"]["agent"]["properties"]["bands"]["maximum"], 32);
  const auto& item = schema["properties"]["sensors"]["items"]["anyOf"][0];
  EXPECT_EQ(item["properties"]["platform"]["const"], "tmp102");
  EXPECT_EQ(item["required"], (nlohmann::json{"id", "platform", "rate"}));
  EXPECT_EQ(item["additionalProperties"], false);
  EXPECT_EQ(item["properties"]["rate"]["pattern"],
            "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)? *(mHz|Hz|kHz|MHz)$");
  EXPECT_EQ(item["properties"]["optimizer"]["enum"], (nlohmann::json{"adam", "sgd"}));
  EXPECT_EQ(item["properties"]["learn"]["properties"]["bands"]["description"],
            "How many (default 8)");
  EXPECT_EQ(item["properties"]["features"]["anyOf"][1]["items"]["anyOf"][0]["enum"],
            (nlohmann::json{"mean", "band_power"}));
}

}  // namespace
}  // namespace haltere::config
