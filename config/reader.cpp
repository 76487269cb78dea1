#include <algorithm>
#include <string>
#include <utility>

#include "config/scalar.hpp"
#include "config/settings.hpp"
#include "config/text.hpp"

namespace haltere::config {
namespace {

template <typename Row>
std::vector<std::string_view> keys_of(std::span<const Row> rows, std::string_view Row::*key) {
  std::vector<std::string_view> keys;
  for (const Row& row : rows) keys.push_back(row.*key);
  return keys;
}

}  // namespace

/// Reads one mapping against one table; made anew for each nested mapping.
class Reader {
 public:
  Reader(std::string_view owner, std::vector<Diagnostic>& diagnostics)
      : owner_(owner), diagnostics_(diagnostics) {}

  Section read(const Node& node, std::span<const Setting> settings) {
    if (node.kind != Node::Kind::mapping && node.kind != Node::Kind::null) {
      report(node,
             owner_ + " must be a mapping of settings, not " + std::string(shape_name(node.kind)));
      // That says enough; what follows from it is left unsaid.
      std::vector<Diagnostic> unsaid;
      return Reader(owner_, unsaid).read(Node::make(Node::Kind::null, node.position), settings);
    }
    Section section;
    section.position_ = node.position;
    refuse_unknown_keys(node, settings);
    for (const Setting& setting : settings) read_setting(node, setting, section);
    return section;
  }

 private:
  void report(const Node& node, std::string message) {
    diagnostics_.push_back({node.position, std::move(message)});
  }

  void refuse_unknown_keys(const Node& node, std::span<const Setting> settings) {
    const std::vector<std::string_view> keys = keys_of(settings, &Setting::key);
    for (const Node::Entry& entry : node.entries) {
      if (std::ranges::find(keys, entry.key) != keys.end()) continue;
      diagnostics_.push_back(
          {entry.key_position, in_quotes(entry.key) + " is not a setting of " + owner_ +
                                   suggestion_or_list(entry.key, keys, "its settings are")});
    }
  }

  void read_setting(const Node& node, const Setting& setting, Section& section) {
    Section::Value value;
    value.type = setting.type;
    value.position = section.position_;
    const Node* given = node.find(setting.key);
    const bool missing = given == nullptr && setting.default_text.empty();
    if (missing && !setting.required) return;
    bool sound = false;
    if (missing) {
      report(node,
             owner_ + " needs " + in_quotes(setting.key) + ": " + std::string(setting.description));
    } else {
      sound = given != nullptr ? read_given(*given, setting, value) : read_default(setting, value);
    }
    // A mistake leaves an empty value, so that callers may read on and find more mistakes.
    if (sound || setting.required || !setting.default_text.empty()) {
      section.values_.emplace(setting.key, std::move(value));
    }
  }

  bool read_default(const Setting& setting, Section::Value& value) {
    const Position position = value.position;
    const Result<Node> node = parse_yaml(setting.default_text, diagnostics_);
    const bool sound = node.ok() && read_value(*node, setting, value);
    value.position = position;
    value.item_positions.clear();
    return sound;
  }

  bool read_given(const Node& node, const Setting& setting, Section::Value& value) {
    value.position = node.position;
    if (node.kind != Node::Kind::null) return read_value(node, setting, value);
    report(node, in_quotes(setting.key) + " has no value");
    return false;
  }

  bool read_value(const Node& node, const Setting& setting, Section::Value& value) {
    if (!setting.word.empty() && node.kind == Node::Kind::scalar && node.text == setting.word) {
      value.text = setting.word;
      return true;
    }
    switch (setting.type) {
      case Type::flag:
      case Type::integer:
      case Type::number:
      case Type::text:
      case Type::name:
      case Type::choice:
      case Type::stream: return read_scalar(node, setting, value);
      case Type::texts:
      case Type::streams:
      case Type::integers: return read_list(node, setting, value);
      case Type::section: return read_section_value(node, setting, value);
      case Type::sections: return read_sections(node, setting, value);
      case Type::variants: return read_variants(node, setting, value);
    }
    return false;
  }

  bool read_scalar(const Node& node, const Setting& setting, Section::Value& value) {
    Scalar scalar;
    const bool sound = config::read_scalar(node, setting, scalar, diagnostics_);
    value.text = std::move(scalar.text);
    value.flag = scalar.flag;
    value.integer = scalar.integer;
    value.number = scalar.number;
    return sound;
  }

  // A single value is a list of one.
  static std::span<const Node> items_of(const Node& node) {
    return node.kind == Node::Kind::sequence ? std::span<const Node>(node.items)
                                             : std::span<const Node>(&node, 1);
  }

  bool read_list(const Node& node, const Setting& setting, Section::Value& value) {
    bool sound = true;
    for (const Node& item : items_of(node)) {
      Section::Value scalar;
      if (setting.type == Type::integers) {
        Setting single = setting;
        single.type = Type::integer;
        sound = read_scalar(item, single, scalar) && sound;
        value.integers.push_back(scalar.integer);
      } else {
        sound = read_scalar(item, setting, scalar) && sound;
        value.texts.push_back(std::move(scalar.text));
      }
      value.item_positions.push_back(item.position);
    }
    return sound;
  }

  Section read_nested(const Node& node, std::string_view name, std::span<const Setting> settings) {
    return Reader(in_quotes(name), diagnostics_).read(node, settings);
  }

  bool read_section_value(const Node& node, const Setting& setting, Section::Value& value) {
    const std::size_t before = diagnostics_.size();
    value.sections.push_back(read_nested(node, setting.key, setting.children));
    return diagnostics_.size() == before;
  }

  bool read_sections(const Node& node, const Setting& setting, Section::Value& value) {
    const std::size_t before = diagnostics_.size();
    for (const Node& item : items_of(node)) {
      value.sections.push_back(read_nested(item, setting.key, setting.children));
      value.item_positions.push_back(item.position);
    }
    return diagnostics_.size() == before;
  }

  bool read_variants(const Node& node, const Setting& setting, Section::Value& value) {
    const std::size_t before = diagnostics_.size();
    for (const Node& item : items_of(node)) read_variant(item, setting, value);
    return diagnostics_.size() == before;
  }

  void read_variant(const Node& node, const Setting& setting, Section::Value& value) {
    const bool plain = node.kind == Node::Kind::scalar && !node.secret;
    if (!plain && (node.kind != Node::Kind::mapping || node.entries.size() != 1)) {
      return report(
          node, "each entry of " + in_quotes(setting.key) + " must be a name or one 'name: ...'");
    }
    const std::string& name = plain ? node.text : node.entries.front().key;
    const auto variant = std::ranges::find(setting.variants, name, &Variant::name);
    if (variant == setting.variants.end()) {
      const std::vector<std::string_view> names = keys_of(setting.variants, &Variant::name);
      return report(node, in_quotes(name) + " is not one of the " + in_quotes(setting.key) +
                              suggestion_or_list(name, names, "there are"));
    }
    // Bare names are read as `name: {}`, so that defaults and missing settings are seen to.
    const Node none = Node::make(Node::Kind::null, node.position);
    const Node& settings = plain ? none : node.entries.front().value;
    value.items.push_back({name, read_variant_settings(settings, *variant), node.position});
    value.item_positions.push_back(node.position);
  }

  Section read_variant_settings(const Node& node, const Variant& variant) {
    const bool shorthand = node.kind == Node::Kind::scalar || node.kind == Node::Kind::sequence;
    if (!shorthand) return read_nested(node, variant.name, variant.settings);
    if (variant.settings.empty()) {
      report(node, in_quotes(variant.name) + " has no settings");
      return {};
    }
    // `median: 5` is short for `median: {window: 5}`, the first setting of the variant.
    Node mapping = Node::make(Node::Kind::mapping, node.position);
    mapping.entries.push_back({std::string(variant.settings.front().key), node.position, node});
    return read_nested(mapping, variant.name, variant.settings);
  }

  std::string owner_;
  std::vector<Diagnostic>& diagnostics_;
};

Section read_section(const Node& node, std::span<const Setting> settings, std::string_view owner,
                     std::vector<Diagnostic>& diagnostics) {
  return Reader(owner, diagnostics).read(node, settings);
}

}  // namespace haltere::config
