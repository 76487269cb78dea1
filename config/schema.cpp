#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "config/json.hpp"
#include "config/reference.hpp"

namespace haltere::config {
namespace {

// Keeps the order of the tables, which is the order people think in.
using Json = nlohmann::ordered_json;

Json object_schema(std::span<const Setting> settings);

// `text` with the characters that mean something in a regular expression escaped.
std::string literal(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("^$.*+?()[]{}|\\/").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

Json bounded(std::string_view type, const Setting& setting) {
  Json schema{{"type", type}};
  if (!std::isinf(setting.min)) schema["minimum"] = setting.min;
  if (!std::isinf(setting.max)) schema["maximum"] = setting.max;
  return schema;
}

Json integer_schema(const Setting& setting) {
  Json schema{{"type", "integer"}};
  if (!std::isinf(setting.min)) schema["minimum"] = std::llround(setting.min);
  if (!std::isinf(setting.max)) schema["maximum"] = std::llround(setting.max);
  return schema;
}

// Bounds are in SI and the text is not, so only the form can be checked here.
Json quantity_schema(const Setting& setting) {
  if (setting.dimension == Dimension::none) return bounded("number", setting);
  std::string units;
  for (const std::string_view unit : unit_names(setting.dimension))
    units += (units.empty() ? "" : "|") + literal(unit);
  Json text{{"type", "string"},
            {"pattern", "^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)? *(" + units + ")$"}};
  if (setting.dimension != Dimension::ratio) return text;
  return {{"anyOf", {bounded("number", setting), text}}};
}

// What people write without quotes may look like a number to an editor.
Json text_schema() { return {{"type", {"string", "number"}}}; }
Json name_schema() { return {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-]+$"}}; }
Json stream_schema() {
  return {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)?$"}};
}

Json one_or_list(const Json& item) {
  return {{"anyOf", {item, {{"type", "array"}, {"items", item}}}}};
}

Json value_schema(const Setting& setting);

Json variant_schema(const Variant& variant) {
  Json settings = object_schema(variant.settings);
  if (!variant.settings.empty())
    settings = {{"anyOf", {settings, value_schema(variant.settings.front())}}};
  return {{"type", "object"},
          {"properties", {{std::string(variant.name), settings}}},
          {"required", {variant.name}},
          {"additionalProperties", false},
          {"description", variant.description}};
}

Json variants_schema(const Setting& setting) {
  Json names = Json::array();
  Json alternatives = Json::array();
  for (const Variant& variant : setting.variants) {
    names.push_back(variant.name);
    alternatives.push_back(variant_schema(variant));
  }
  alternatives.insert(alternatives.begin(), Json{{"enum", names}});
  return one_or_list({{"anyOf", alternatives}});
}

Json value_schema(const Setting& setting) {
  switch (setting.type) {
    case Type::flag: return {{"type", "boolean"}};
    case Type::integer: return integer_schema(setting);
    case Type::number: return quantity_schema(setting);
    case Type::text: return text_schema();
    case Type::name: return name_schema();
    case Type::choice: return {{"enum", setting.choices}};
    case Type::stream: return stream_schema();
    case Type::texts: return one_or_list(text_schema());
    case Type::streams: return one_or_list(stream_schema());
    case Type::integers: return one_or_list(integer_schema(setting));
    case Type::section: return object_schema(setting.children);
    case Type::sections: return one_or_list(object_schema(setting.children));
    case Type::variants: return variants_schema(setting);
  }
  return {};
}

void add_properties(std::span<const Setting> settings, Json& properties, Json& required) {
  for (const Setting& setting : settings) {
    Json schema = value_schema(setting);
    if (!setting.word.empty()) schema = {{"anyOf", {schema, {{"const", setting.word}}}}};
    std::string description(setting.description);
    if (!setting.default_text.empty())
      description += " (default " + std::string(setting.default_text) + ")";
    schema["description"] = description;
    properties[std::string(setting.key)] = schema;
    if (setting.required) required.push_back(setting.key);
  }
}

Json make_object(const Json& properties, const Json& required) {
  Json schema{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  return schema;
}

Json object_schema(std::span<const Setting> settings) {
  Json properties = Json::object();
  Json required = Json::array();
  add_properties(settings, properties, required);
  return make_object(properties, required);
}

Json component_schema(const Component& component) {
  Json properties = Json::object();
  Json required = Json::array();
  add_properties(common_settings(component), properties, required);
  if (!component.platform.empty()) properties["platform"] = {{"const", component.platform}};
  add_properties(component.settings, properties, required);
  Json schema = make_object(properties, required);
  schema["description"] = component.description;
  return schema;
}

}  // namespace

std::string json_schema(std::span<const Component> components) {
  Json properties = Json::object();
  for (const Component& component : components) {
    const std::string kind(component.kind);
    if (kind == "agent") {
      properties[kind] = component_schema(component);
      continue;
    }
    Json& list = properties[kind];
    list["type"] = "array";
    list["items"]["anyOf"].push_back(component_schema(component));
  }
  const Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
                    {"title", "Haltere configuration"},
                    {"type", "object"},
                    {"properties", properties},
                    {"additionalProperties", false}};
  return schema.dump(2) + "\n";
}

}  // namespace haltere::config
