#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace haltere::config {
namespace {

constexpr std::array common{
    Setting{.key = "id",
            .type = Type::name,
            .description = "Name by which the rest of the file refers to it",
            .required = true},
    Setting{.key = "platform",
            .type = Type::text,
            .description = "What it is, as the title of this table says",
            .required = true},
};

bool is_lower_snake_case(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

class TableCheck {
 public:
  explicit TableCheck(std::vector<std::string>& problems) : problems_(problems) {}

  void check(std::span<const Setting> settings, const std::string& owner) {
    std::set<std::string_view> keys;
    for (const Setting& setting : settings) {
      const std::string place = owner + ": '" + std::string(setting.key) + "'";
      if (!keys.insert(setting.key).second) problems_.push_back(place + " is declared twice");
      check_setting(setting, place);
    }
  }

 private:
  void require(bool condition, const std::string& problem) {
    if (!condition) problems_.push_back(problem);
  }

  void check_words(std::string_view name, std::string_view description, const std::string& place) {
    require(is_lower_snake_case(name), place + " is not lower snake_case");
    require(!description.empty(), place + " has no description");
    require(!description.ends_with('.') && description.find('\n') == std::string_view::npos,
            place + ": a description is one line without a full stop");
  }

  void check_setting(const Setting& setting, const std::string& place) {
    check_words(setting.key, setting.description, place);
    require(!(setting.required && !setting.default_text.empty()),
            place + " is required, so its default is never used");
    require((setting.type == Type::choice) == !setting.choices.empty(),
            place + ": choices belong to type choice");
    require((setting.type == Type::variants) == !setting.variants.empty(),
            place + ": variants belong to type variants");
    require(setting.min <= setting.max, place + " has an empty range");
    check_default(setting, place);
    check(setting.children, place);
    for (const Variant& variant : setting.variants) {
      const std::string variant_place = place + ": '" + std::string(variant.name) + "'";
      check_words(variant.name, variant.description, variant_place);
      check(variant.settings, variant_place);
    }
  }

  void check_default(const Setting& setting, const std::string& place) {
    if (setting.default_text.empty()) return;
    std::vector<Diagnostic> diagnostics;
    const Node nothing = Node::make(Node::Kind::mapping);
    static_cast<void>(read_section(nothing, {&setting, 1}, "table", diagnostics));
    for (const Diagnostic& diagnostic : diagnostics)
      problems_.push_back(place + ": default: " + diagnostic.message);
  }

  std::vector<std::string>& problems_;
};

}  // namespace

std::string_view kind_name(const Component& component) {
  if (component.kind == "buses") return "bus";
  const bool plural = component.kind.ends_with('s');
  return component.kind.substr(0, component.kind.size() - (plural ? 1 : 0));
}

std::string owner_name(const Component& component) {
  const std::string kind(kind_name(component));
  return component.platform.empty() ? kind
                                    : kind + " platform '" + std::string(component.platform) + "'";
}

std::span<const Setting> common_settings(const Component& component) {
  if (component.kind == "agent") return {};
  return std::span<const Setting>(common).first(component.platform.empty() ? 1 : 2);
}

Section read_component(const Node& node, const Component& component,
                       std::vector<Diagnostic>& diagnostics) {
  const std::span<const Setting> shared = common_settings(component);
  std::vector<Setting> settings(shared.begin(), shared.end());
  settings.insert(settings.end(), component.settings.begin(), component.settings.end());
  return read_section(node, settings, owner_name(component), diagnostics);
}

std::vector<std::string> check_table(const Component& component) {
  std::vector<std::string> problems;
  const std::span<const Setting> shared = common_settings(component);
  std::vector<Setting> settings(shared.begin(), shared.end());
  settings.insert(settings.end(), component.settings.begin(), component.settings.end());
  TableCheck(problems).check(settings, owner_name(component));
  if (component.description.empty())
    problems.push_back(owner_name(component) + " has no description");
  return problems;
}

}  // namespace haltere::config
