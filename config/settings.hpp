#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/units.hpp"

namespace haltere::config {

/// What a setting's value may look like. One table entry drives parsing, messages, `haltere help`,
/// the reference page and the JSON Schema.
enum class Type {
  flag,      ///< true | false
  integer,   ///< whole number; hexadecimal `0x6a` too
  number,    ///< with the unit of `dimension`; delivered in SI
  text,      ///< any string
  name,      ///< letters, digits, `_` and `-`: what an `id` may be
  choice,    ///< one of `choices`
  stream,    ///< name of a stream: `imu`, `imu.acceleration`
  texts,     ///< list of strings (a single string is a list of one)
  streams,   ///< list of stream names (likewise)
  integers,  ///< list of whole numbers (likewise), each between `min` and `max`
  section,   ///< mapping with the settings in `children`
  sections,  ///< list of mappings, each with the settings in `children`
  variants,  ///< list of `name` or `name: {settings}` (or `name: value`, given to the variant's
             ///< first setting), name one of `variants`
};

struct Variant;

/// One line of a component's settings table.
struct Setting {
  std::string_view key;
  Type type = Type::text;
  std::string_view description;  ///< one line, no full stop
  Dimension dimension = Dimension::none;
  double min = -std::numeric_limits<double>::infinity();  ///< SI, inclusive
  double max = std::numeric_limits<double>::infinity();   ///< SI, inclusive
  std::string_view word{};          ///< may stand in place of the value: `auto`; empty = none
  std::string_view default_text{};  ///< as a user would write it; empty = no default
  bool required = false;
  std::span<const std::string_view> choices{};
  std::span<const Setting> children{};
  std::span<const Variant> variants{};
};

/// One alternative of a `Type::variants` list: `mean`, `{band_power: {bands: 8}}`.
struct Variant {
  std::string_view name;
  std::string_view description;
  std::span<const Setting> settings{};
};

/// A thing a user configures: `sensor platform 'mpu6050'` is {"sensors", "mpu6050", ...}.
struct Component {
  std::string_view kind;      ///< the list it belongs to: buses, sensors, fusion, models, mcus
  std::string_view platform;  ///< value of its `platform:` key; empty where there is only one
  std::string_view description;
  std::span<const Setting> settings{};
};

/// Validated values of one mapping. Getters never fail for keys of the table that are required or
/// have a default (after a mistake in the file they give an empty value); asking for another absent
/// key is a bug (assert), so test `has` first.
class Section {
 public:
  struct Item;

  [[nodiscard]] bool has(std::string_view key) const;
  /// Whether `word` stands in place of the value.
  [[nodiscard]] bool says(std::string_view key, std::string_view word) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key) const;  ///< SI
  [[nodiscard]] std::chrono::nanoseconds duration(std::string_view key) const;
  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] const std::vector<std::string>& texts(std::string_view key) const;
  [[nodiscard]] const std::vector<std::int64_t>& integers(std::string_view key) const;
  [[nodiscard]] const Section& section(std::string_view key) const;
  [[nodiscard]] const std::vector<Section>& sections(std::string_view key) const;
  [[nodiscard]] const std::vector<Item>& variants(std::string_view key) const;

  /// Where the value of `key` stands (of its item `index` for lists of texts, streams, integers,
  /// sections and variants); the section itself if absent or a default.
  [[nodiscard]] Position position(std::string_view key, std::size_t index = 0) const;
  [[nodiscard]] Position position() const { return position_; }

 private:
  friend class Reader;
  struct Value;
  [[nodiscard]] const Value& get(std::string_view key) const;

  Position position_;
  std::map<std::string, Value, std::less<>> values_;
};

struct Section::Item {
  std::string name;
  Section settings;
  Position position;
};

struct Section::Value {
  Type type = Type::text;
  Position position;
  bool flag = false;
  std::int64_t integer = 0;
  double number = 0.0;
  std::string text;
  std::vector<std::string> texts;
  std::vector<std::int64_t> integers;
  std::vector<Position> item_positions;
  std::vector<Section> sections;
  std::vector<Item> items;
};

/// Checks `node` against `settings` and reads it. Every problem is added to `diagnostics` (unknown
/// key with the nearest known one, missing key, missing or wrong unit, wrong type, out of range);
/// the returned section then holds what could be read. `owner` names the table in messages:
/// "sensor platform 'bme280_i2c'".
[[nodiscard]] Section read_section(const Node& node, std::span<const Setting> settings,
                                   std::string_view owner, std::vector<Diagnostic>& diagnostics);

/// Name of `component` in messages: "sensor platform 'bme280_i2c'", "model", "agent".
[[nodiscard]] std::string owner_name(const Component& component);

/// What one entry of `component`'s list is called: "sensor", "bus", "fusion".
[[nodiscard]] std::string_view kind_name(const Component& component);

/// Settings every entry of the list `component` belongs to has beside its own: `id`, and `platform`
/// where there is a choice of platforms.
[[nodiscard]] std::span<const Setting> common_settings(const Component& component);

/// As `read_section`, for one entry of `component`'s list: its own and the common settings.
[[nodiscard]] Section read_component(const Node& node, const Component& component,
                                     std::vector<Diagnostic>& diagnostics);

/// What is wrong with a component's table itself, one sentence each (empty = sound): keys that
/// repeat or are misspelt, missing descriptions, defaults that do not parse. For tests of tables.
[[nodiscard]] std::vector<std::string> check_table(const Component& component);

/// The candidate closest to `word` when it is close enough to be a slip (edit distance), else the
/// one whose part before the first `_` is, else empty.
[[nodiscard]] std::string_view did_you_mean(std::string_view word,
                                            std::span<const std::string_view> candidates);

/// "; did you mean 'X'?" for the candidate nearest to `word`, else empty.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> candidates);

/// The same, or "; LEAD a, b, c" with all candidates when none is near.
[[nodiscard]] std::string suggestion_or_list(std::string_view word,
                                             std::span<const std::string_view> candidates,
                                             std::string_view lead);

}  // namespace haltere::config
