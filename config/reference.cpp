#include "config/reference.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "config/text.hpp"

namespace haltere::config {
namespace {

std::string number_text(const Setting& setting) {
  const std::vector<std::string_view> units = unit_names(setting.dimension);
  const std::string noun(dimension_name(setting.dimension));
  return units.empty() ? noun : noun + " (" + join(units) + ")";
}

std::string choice_text(const Setting& setting) {
  std::string text;
  for (const std::string_view choice : setting.choices)
    text += (text.empty() ? "" : " | ") + std::string(choice);
  return text;
}

// Tables start descriptions as they like; a page starts them with a capital.
std::string capitalised(std::string_view text) {
  std::string result(text);
  if (!result.empty() && result[0] >= 'a' && result[0] <= 'z')
    result[0] = static_cast<char>(result[0] - 'a' + 'A');
  return result;
}

// What a user may write: "time (ns, us, ...), at least 1 ms".
std::string type_text(const Setting& setting) {
  switch (setting.type) {
    case Type::flag: return "true | false";
    case Type::integer: return "whole number";
    case Type::number: return number_text(setting);
    case Type::text: return "text";
    case Type::name: return "name";
    case Type::choice: return choice_text(setting);
    case Type::stream: return "stream";
    case Type::texts: return "list of texts";
    case Type::streams: return "list of streams";
    case Type::integers: return "list of whole numbers";
    case Type::section: return "settings";
    case Type::sections: return "list of settings";
    case Type::variants: return "list of";
  }
  return "";
}

std::string value_text(const Setting& setting) {
  const std::string range = range_text(setting);
  std::string text = range.empty() ? type_text(setting) : type_text(setting) + ", " + range;
  if (!setting.word.empty()) text += ", or " + std::string(setting.word);
  return text;
}

std::string need_text(const Setting& setting) {
  if (setting.required) return "required";
  return setting.default_text.empty() ? "" : "default " + std::string(setting.default_text);
}

// Calls `visit` for every setting, variant and their settings, with the depth of nesting.
struct Visitor {
  virtual void setting(const Setting& setting, int depth) = 0;
  virtual void variant(const Variant& variant, int depth) = 0;
  Visitor() = default;
  Visitor(const Visitor&) = delete;
  Visitor& operator=(const Visitor&) = delete;
  virtual ~Visitor() = default;
};

void walk(std::span<const Setting> settings, Visitor& visitor, int depth) {
  for (const Setting& setting : settings) {
    visitor.setting(setting, depth);
    walk(setting.children, visitor, depth + 1);
    for (const Variant& variant : setting.variants) {
      visitor.variant(variant, depth + 1);
      walk(variant.settings, visitor, depth + 2);
    }
  }
}

void walk(const Component& component, Visitor& visitor) {
  walk(common_settings(component), visitor, 0);
  walk(component.settings, visitor, 0);
}

class TerminalWriter final : public Visitor {
 public:
  void setting(const Setting& setting, int depth) override {
    const std::string need = need_text(setting);
    const std::string indent(static_cast<std::size_t>(2 + 4 * depth), ' ');
    text_ += indent + std::string(setting.key) + ": " + value_text(setting);
    text_ += (need.empty() ? "" : "; " + need) + "\n";
    text_ += indent + "    " + capitalised(setting.description) + "\n";
  }
  void variant(const Variant& variant, int depth) override {
    const std::string indent(static_cast<std::size_t>(2 + 4 * depth), ' ');
    text_ +=
        indent + "- " + std::string(variant.name) + ": " + capitalised(variant.description) + "\n";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// A `|` would end the cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

class MarkdownWriter final : public Visitor {
 public:
  void setting(const Setting& setting, int depth) override {
    const std::string fallback =
        setting.default_text.empty() ? "" : "`" + cell(setting.default_text) + "`";
    row(depth, "`" + std::string(setting.key) + "`",
        {cell(value_text(setting)), setting.required ? "required" : fallback,
         cell(capitalised(setting.description))});
  }
  void variant(const Variant& variant, int depth) override {
    row(depth, "- `" + std::string(variant.name) + "`",
        {"", "", cell(capitalised(variant.description))});
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void row(int depth, const std::string& key, const std::vector<std::string>& cells) {
    text_ += "| ";
    for (int i = 0; i < depth; ++i) text_ += "&nbsp;&nbsp;";
    text_ += key + " |";
    for (const std::string& value : cells) text_ += value.empty() ? " |" : " " + value + " |";
    text_ += "\n";
  }

  std::string text_;
};

std::string title(const Component& component) {
  const std::string kind(component.kind);
  return component.platform.empty() ? kind : kind + " " + std::string(component.platform);
}

}  // namespace

std::string terminal_reference(const Component& component) {
  TerminalWriter writer;
  walk(component, writer);
  return title(component) + ": " + capitalised(component.description) + "\n\n" + writer.text();
}

std::string terminal_list(std::span<const Component> components) {
  std::size_t width = 0;
  for (const Component& component : components) width = std::max(width, title(component).size());
  std::string text;
  for (const Component& component : components) {
    const std::string name = title(component);
    text += "  " + name + std::string(width + 2 - name.size(), ' ') +
            capitalised(component.description) + "\n";
  }
  return text;
}

std::string markdown_reference(std::span<const Component> components) {
  std::string text =
      "# Settings\n\n"
      "Written by `haltere help --markdown` from the tables that also check the configuration.\n"
      "Quantities carry their unit: `200Hz`, `10ms`, `4g`. `haltere help KIND PLATFORM` shows one "
      "of these\n"
      "tables in a terminal, `haltere schema` prints the JSON Schema for editors.\n";
  for (const Component& component : components) {
    MarkdownWriter writer;
    walk(component, writer);
    text += "\n## " + title(component) + "\n\n" + capitalised(component.description) + ".\n\n";
    text += "| setting | value | default | meaning |\n| --- | --- | --- | --- |\n" + writer.text();
  }
  return text;
}

}  // namespace haltere::config
