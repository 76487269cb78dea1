#include "config/node.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "config/utf8.hpp"

namespace haltere::config {
namespace {

// Messages quote the file; what would steer the terminal is replaced.
std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t clean = clean_prefix(text);
    result += text.substr(0, clean);
    text.remove_prefix(clean);
    if (text.empty()) break;
    result += '?';
    text.remove_prefix(1);
  }
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; },
      ' ');
  return result;
}

std::string place(std::string_view file, Position position) {
  if (position.line > 0) {
    return std::string(file) + ":" + std::to_string(position.line) + ":" +
           std::to_string(position.column);
  }
  return position.column > 0 ? "command line" : std::string(file);
}

}  // namespace

Node Node::make(Kind kind, Position position) {
  Node node;
  node.kind = kind;
  node.position = position;
  return node;
}

const Node* Node::find(std::string_view key) const {
  const auto entry = std::ranges::find(entries, key, &Entry::key);
  return entry == entries.end() ? nullptr : &entry->value;
}

Node* Node::find(std::string_view key) { return const_cast<Node*>(std::as_const(*this).find(key)); }

std::string to_text(std::string_view file, std::vector<Diagnostic> diagnostics) {
  std::ranges::stable_sort(diagnostics, {}, &Diagnostic::position);
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    text += printable(place(file, diagnostic.position)) +
            ": error: " + printable(diagnostic.message) + "\n";
  }
  return text;
}

}  // namespace haltere::config
