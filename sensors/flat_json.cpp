#include "sensors/flat_json.hpp"

namespace haltere::sensors {

FlatJson::Step FlatJson::next(Member& member) {
  const bool first = !opened_;
  if (first && !take('{')) return Step::malformed;
  opened_ = true;
  if (take('}')) {
    skip_blanks();
    return at_ == text_.size() ? Step::end : Step::malformed;
  }
  if (!first && !take(',')) return Step::malformed;
  skip_blanks();
  if (!take_string(member.key) || !take(':') || !take_value(member)) return Step::malformed;
  return Step::member;
}

void FlatJson::skip_blanks() {
  while (peek() == ' ' || peek() == '\t' || peek() == '\r') ++at_;
}

bool FlatJson::take(char c) {
  skip_blanks();
  if (peek() != c) return false;
  ++at_;
  return true;
}

bool FlatJson::take_string(std::string_view& content) {
  if (peek() != '"') return false;
  const std::size_t begin = ++at_;
  for (; at_ < text_.size(); ++at_) {
    if (text_[at_] == '\\') {
      ++at_;
    } else if (text_[at_] == '"') {
      content = text_.substr(begin, at_++ - begin);
      return true;
    }
  }
  return false;
}

bool FlatJson::take_value(Member& member) {
  skip_blanks();
  member.quoted = peek() == '"';
  if (member.quoted) return take_string(member.value);
  const std::size_t begin = at_;
  if (peek() == '{' || peek() == '[') {
    if (!step_over_nested()) return false;
  } else {
    while (at_ < text_.size() &&
           std::string_view(",} \t\r").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
  }
  member.value = text_.substr(begin, at_ - begin);
  return !member.value.empty();
}

bool FlatJson::step_over_nested() {
  std::size_t depth = 0;
  std::string_view ignored;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      if (!take_string(ignored)) return false;
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return true;
  }
  return false;
}

}  // namespace haltere::sensors
