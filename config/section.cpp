#include <cassert>
#include <cmath>

#include "config/settings.hpp"

namespace haltere::config {

const Section::Value& Section::get(std::string_view key) const {
  static const Value empty;
  const auto value = values_.find(key);
  assert(value != values_.end() &&
         "asked for a setting that is neither given, required nor defaulted");
  return value == values_.end() ? empty : value->second;
}

bool Section::has(std::string_view key) const { return values_.contains(key); }

bool Section::says(std::string_view key, std::string_view word) const {
  return has(key) && get(key).text == word;
}

bool Section::flag(std::string_view key) const {
  assert(get(key).type == Type::flag);
  return get(key).flag;
}

std::int64_t Section::integer(std::string_view key) const {
  assert(get(key).type == Type::integer);
  return get(key).integer;
}

double Section::number(std::string_view key) const {
  assert(get(key).type == Type::number);
  return get(key).number;
}

std::chrono::nanoseconds Section::duration(std::string_view key) const {
  // Beyond 292 years nanoseconds overflow; no table allows that, a broken one shall not be
  // undefined.
  constexpr double most_s = 9.2e9;
  const double seconds = std::fmin(std::fmax(number(key), -most_s), most_s);
  return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

const std::string& Section::text(std::string_view key) const { return get(key).text; }

const std::vector<std::string>& Section::texts(std::string_view key) const {
  return get(key).texts;
}

const std::vector<std::int64_t>& Section::integers(std::string_view key) const {
  assert(get(key).type == Type::integers);
  return get(key).integers;
}

const Section& Section::section(std::string_view key) const {
  static const Section empty;
  const std::vector<Section>& found = get(key).sections;
  return found.empty() ? empty : found.front();
}

const std::vector<Section>& Section::sections(std::string_view key) const {
  assert(get(key).type == Type::sections);
  return get(key).sections;
}

const std::vector<Section::Item>& Section::variants(std::string_view key) const {
  assert(get(key).type == Type::variants);
  return get(key).items;
}

Position Section::position(std::string_view key, std::size_t index) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return position_;
  const Value& value = found->second;
  return index < value.item_positions.size() ? value.item_positions[index] : value.position;
}

}  // namespace haltere::config
