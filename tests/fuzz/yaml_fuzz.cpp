// Configurations from outside: whatever parses is read against a table with every type of setting,
// overridden and printed; nothing may crash, hang or pass unseen.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/settings.hpp"

namespace {

using namespace haltere::config;

constexpr std::array<std::string_view, 2> choices{"adam", "sgd"};
constexpr std::array band_settings{
    Setting{.key = "bands",
            .type = Type::integer,
            .description = "How many",
            .min = 1,
            .max = 32,
            .default_text = "8"},
    Setting{.key = "from",
            .type = Type::number,
            .description = "Lower edge",
            .dimension = Dimension::frequency},
};
constexpr std::array variants{
    Variant{"mean", "Average"},
    Variant{"band_power", "Power in bands", band_settings},
};
constexpr std::array settings{
    Setting{.key = "a", .type = Type::flag, .description = "Flag", .default_text = "true"},
    Setting{.key = "b", .type = Type::integer, .description = "Integer", .min = -5, .max = 0x77},
    Setting{.key = "c",
            .type = Type::number,
            .description = "Time",
            .dimension = Dimension::time,
            .min = 0},
    Setting{.key = "d", .type = Type::text, .description = "Text", .required = true},
    Setting{.key = "e", .type = Type::name, .description = "Name"},
    Setting{.key = "f", .type = Type::choice, .description = "Choice", .choices = choices},
    Setting{.key = "g", .type = Type::stream, .description = "Stream"},
    Setting{.key = "h", .type = Type::texts, .description = "Texts"},
    Setting{.key = "i", .type = Type::streams, .description = "Streams"},
    Setting{.key = "j", .type = Type::integers, .description = "Integers", .default_text = "[16]"},
    Setting{.key = "k", .type = Type::section, .description = "Section", .children = band_settings},
    Setting{
        .key = "l", .type = Type::sections, .description = "Sections", .children = band_settings},
    Setting{.key = "m", .type = Type::variants, .description = "Variants", .variants = variants},
    Setting{.key = "n",
            .type = Type::number,
            .description = "Ratio",
            .dimension = Dimension::ratio,
            .min = 0,
            .max = 1},
};

void require(bool condition) {
  if (!condition) std::abort();
}

void read_all(const Node& node) {
  std::vector<Diagnostic> diagnostics;
  const Section section = read_section(node, settings, "fuzzed thing", diagnostics);
  require(to_text("f", diagnostics).empty() == diagnostics.empty());
  require(section.has("d") && section.has("j") && section.has("a"));
  if (section.has("c") && diagnostics.empty()) require(section.duration("c").count() >= 0);
  if (!diagnostics.empty()) return;
  if (section.has("n")) require(section.number("n") >= 0.0 && section.number("n") <= 1.0);
  if (section.has("m")) {
    for (const Section::Item& item : section.variants("m"))
      require(item.name == "mean" || item.settings.has("bands"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  std::vector<Diagnostic> diagnostics;
  haltere::Result<Node> node = parse_yaml(text, diagnostics);
  require(node.ok() || !diagnostics.empty());
  static_cast<void>(to_text("f", diagnostics));
  if (!node.ok()) return 0;
  read_all(*node);
  for (const Node::Entry& entry : node->entries) {
    for (const Node& item : entry.value.items) read_all(item);
  }
  static_cast<void>(apply_override(*node, text.substr(0, 64), 1));
  static_cast<void>(apply_override(*node, "agent.d=" + text.substr(0, 64), 2));
  read_all(*node);
  return 0;
}
