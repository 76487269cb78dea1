#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"

namespace haltere::config {

/// Place in a YAML file, 1-based; 0 = unknown.
struct Position {
  int line = 0;
  int column = 0;
};

/// One thing to tell the user about a file.
struct Diagnostic {
  Position position;
  std::string message;  ///< what is wrong and the likely fix, without the place
};

/// A YAML value with its place. Plain data: no anchors, tags, merges or second documents exist here.
struct Node {
  enum class Kind { null, scalar, sequence, mapping };
  struct Entry;

  Kind kind = Kind::null;
  Position position;
  std::string text;            ///< scalar: as written, without quotes
  bool quoted = false;         ///< scalar: was in quotes, so never a number or a flag
  bool secret = false;         ///< scalar: written `!secret NAME`; `text` is the name
  std::vector<Node> items;     ///< sequence
  std::vector<Entry> entries;  ///< mapping, in file order; keys are unique

  /// The value under `key`, or nullptr. Linear in the number of entries.
  [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Node::Entry {
  std::string key;
  Position key_position;
  Node value;
};

/// Limits that keep hostile files cheap; all far above what a real configuration needs.
inline constexpr std::size_t max_file_bytes = 256 * 1024;
inline constexpr int max_depth = 16;
inline constexpr int max_nodes = 10'000;
inline constexpr std::size_t max_scalar_bytes = 4096;

/// Parses one YAML document. On failure nothing is returned and `diagnostics` says where and why:
/// syntax, a limit above, a duplicate key, an alias, an unknown tag, a second document, bad UTF-8.
[[nodiscard]] Result<Node> parse_yaml(std::string_view text, std::vector<Diagnostic>& diagnostics);

}  // namespace haltere::config
