#include "config/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

namespace haltere::config {

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::string join(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::string join(std::span<const std::string> words) {
  const std::vector<std::string_view> views(words.begin(), words.end());
  return join(views);
}

std::string_view shape_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "a single value";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::mapping: return "a mapping";
  }
  return "something else";
}

double as_written(float value) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  double read = static_cast<double>(value);  // stays for NaN and infinities
  std::from_chars(text.data(), written.ptr, read);
  return read;
}

std::string range_text(const Setting& setting) {
  const bool whole = setting.type == Type::integer || setting.type == Type::integers;
  const auto show = [&](double bound) {
    return whole ? std::to_string(std::llround(bound)) : format_quantity(bound, setting.dimension);
  };
  if (std::isinf(setting.min) && std::isinf(setting.max)) return "";
  if (std::isinf(setting.max)) return "at least " + show(setting.min);
  if (std::isinf(setting.min)) return "at most " + show(setting.max);
  return "between " + show(setting.min) + " and " + show(setting.max);
}

}  // namespace haltere::config
