#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "config/settings.hpp"

namespace haltere::config {
namespace {

constexpr std::array settings{
    Setting{.key = "device", .type = Type::text, .description = "serial port", .required = true},
};
constexpr Component sensor{"sensors", "serial_lines", "lines of text", settings};
constexpr Component mcu{"mcus", "", "a microcontroller", settings};

std::string complaint(std::string_view text, const Component& component) {
  std::vector<Diagnostic> diagnostics;
  const Result<Node> node = parse_yaml(text, diagnostics);
  static_cast<void>(read_component(*node, component, diagnostics));
  return to_text("f", diagnostics);
}

std::string join(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Component, is_called_by_kind_and_platform) {
  EXPECT_EQ(owner_name(sensor), "sensor platform 'serial_lines'");
  EXPECT_EQ(owner_name(mcu), "mcu");
  EXPECT_EQ(owner_name({"buses", "i2c", "a bus", {}}), "bus platform 'i2c'");
  EXPECT_EQ(owner_name({"fusion", "window", "windows", {}}), "fusion platform 'window'");
  EXPECT_EQ(owner_name({"agent", "", "the agent", {}}), "agent");
}

TEST(Component, entries_have_an_id_and_perhaps_a_platform) {
  EXPECT_EQ(complaint("{id: a, platform: serial_lines, device: b}", sensor), "");
  EXPECT_EQ(complaint("{id: a, device: b}", mcu), "");
  EXPECT_EQ(complaint("{id: a b, device: b}", mcu),
            "f:1:6: error: 'a b' cannot be the 'id'; use letters, digits, '_' and '-'\n");
  EXPECT_EQ(complaint("{device: b}", mcu),
            "f:1:1: error: mcu needs 'id': Name by which the rest of the file refers to it\n");
  EXPECT_EQ(complaint("{id: a, platform: x, device: b}", mcu),
            "f:1:9: error: 'platform' is not a setting of mcu; its settings are id, device\n");
}

TEST(Component, sound_tables_pass_the_check) {
  EXPECT_EQ(join(check_table(sensor)), "");
  EXPECT_EQ(join(check_table(mcu)), "");
}

TEST(Component, unsound_tables_do_not) {
  static constexpr std::array<std::string_view, 1> choices{"a"};
  static constexpr std::array unsound{
      Setting{.key = "id", .type = Type::text, .description = "again"},
      Setting{.key = "Rate", .type = Type::text, .description = "upper case"},
      Setting{.key = "silent", .type = Type::text, .description = ""},
      Setting{.key = "stop", .type = Type::text, .description = "ends with a full stop."},
      Setting{.key = "interval",
              .type = Type::number,
              .description = "no unit",
              .dimension = Dimension::time,
              .default_text = "60"},
      Setting{.key = "size",
              .type = Type::integer,
              .description = "beyond",
              .max = 4,
              .default_text = "5"},
      Setting{.key = "both",
              .type = Type::text,
              .description = "x",
              .default_text = "y",
              .required = true},
      Setting{.key = "pick", .type = Type::choice, .description = "nothing to pick"},
      Setting{.key = "word", .type = Type::text, .description = "x", .choices = choices},
      Setting{.key = "empty", .type = Type::number, .description = "x", .min = 2, .max = 1},
  };
  EXPECT_EQ(join(check_table({"mcus", "", "", unsound})),
            "mcu: 'id' is declared twice\n"
            "mcu: 'Rate' is not lower snake_case\n"
            "mcu: 'silent' has no description\n"
            "mcu: 'stop': a description is one line without a full stop\n"
            "mcu: 'interval': default: '60' has no unit; did you mean '60s'?\n"
            "mcu: 'size': default: '5' is out of range; 'size' must be at most 4\n"
            "mcu: 'both' is required, so its default is never used\n"
            "mcu: 'pick': choices belong to type choice\n"
            "mcu: 'word': choices belong to type choice\n"
            "mcu: 'empty' has an empty range\n"
            "mcu has no description\n");
}

}  // namespace
}  // namespace haltere::config
