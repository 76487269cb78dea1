#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.hpp"

namespace haltere::config {

/// Place in a YAML file, 1-based. Line 0 = not in the file; what was given on the command line is
/// there, its column then counts the `--set` arguments from 1.
struct Position {
  int line = 0;
  int column = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison's 0 for a pointer
  auto operator<=>(const Position&) const = default;
};

/// One thing to tell the user about a file.
struct Diagnostic {
  Position position;
  std::string message;  ///< what is wrong and the likely fix, without the place
};

/// A YAML value with its place. Plain data: no anchors, tags, merges or second documents exist
/// here.
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

  /// An empty node of `kind` at `position`.
  [[nodiscard]] static Node make(Kind kind, Position position = {});

  /// The value under `key`, or nullptr. Linear in the number of entries.
  [[nodiscard]] const Node* find(std::string_view key) const;
  [[nodiscard]] Node* find(std::string_view key);
};

struct Node::Entry {
  std::string key;
  Position key_position;
  Node value;
};

/// Limits that keep hostile files cheap; all far above what a real configuration needs.
inline constexpr std::size_t max_file_bytes = std::size_t{256} * 1024;
inline constexpr int max_depth = 16;
inline constexpr int max_nodes = 10'000;
inline constexpr std::size_t max_scalar_bytes = 4096;

/// Parses one YAML document; an empty one is a null node. On failure `diagnostics` says where and
/// why: syntax, a limit above, an alias, an unknown tag, a second document, bytes that are not
/// UTF-8 text. A key given twice is a diagnostic too, but no failure, so that whatever else is
/// wrong is found in the same go. Never throws, never recurses.
[[nodiscard]] Result<Node> parse_yaml(std::string_view text, std::vector<Diagnostic>& diagnostics);

/// Reads and parses the file `path`. Errors: as `parse_yaml`, and not_found, io (with a diagnostic
/// without a position).
[[nodiscard]] Result<Node> load_yaml(const std::string& path, std::vector<Diagnostic>& diagnostics);

/// Carries out `--set ID.KEY=VALUE`: in the entry of any list of `root` with `id: ID` (or in the
/// top-level mapping ID, such as `agent`) the setting KEY, possibly nested (`learn.rate`), becomes
/// VALUE, read as YAML. `number` is the argument's place on the command line, from 1. Errors:
/// invalid (not of that form, not YAML), not_found (no such ID, with the nearest one).
[[nodiscard]] Status apply_override(Node& root, std::string_view assignment, int number);

/// Compiler-like lines `FILE:LINE:COL: error: MESSAGE`, in file order; what came from the command
/// line says `command line: error:`. Control characters in messages are shown as `?`.
[[nodiscard]] std::string to_text(std::string_view file, std::vector<Diagnostic> diagnostics);

}  // namespace haltere::config
