// The one file that calls yaml-cpp, and only its event interface: the gate below refuses hostile
// documents while they are being parsed, and the tree that results is ours.

#include <algorithm>
#include <exception>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "config/node.hpp"
#include "config/utf8.hpp"

namespace haltere::config {
namespace {

Position position_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Throwing the parser's own exception is the only way to stop it from inside an event.
[[noreturn]] void stop(const YAML::Mark& mark, const std::string& message) {
  throw YAML::ParserException(mark, message);
}

// Builds the tree from the parser's events, with an explicit stack instead of recursion.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::vector<Diagnostic>& diagnostics) : diagnostics_(diagnostics) {}

  [[nodiscard]] Node take_root() {
    if (root_.kind == Node::Kind::null) root_.position = {1, 1};
    return std::move(root_);
  }

  /// Where the latest value or key began.
  [[nodiscard]] Position last_position() const { return last_position_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, "a second document starts here; a file holds one");
  }
  void OnDocumentEnd() override {}

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "aliases (*name) are not supported; write the value out");
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, "?", anchor);
    if (expects_key()) stop(mark, "a key is missing before ':'");
    add(Node::make(Node::Kind::null, position_of(mark)));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const bool secret = tag == "!secret";
    check(mark, secret ? "?" : tag, anchor);
    if (value.size() > max_scalar_bytes) stop(mark, "text is longer than 4096 bytes");
    if (secret && (value.empty() || expects_key()))
      stop(mark, "'!secret' needs a name, as in 'key: !secret NAME'");
    if (expects_key()) return start_entry(mark, value);
    Node node = Node::make(Node::Kind::scalar, position_of(mark));
    node.text = value;
    node.quoted = tag == "!";
    node.secret = secret;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::make(Node::Kind::sequence, position_of(mark)), mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::make(Node::Kind::mapping, position_of(mark)), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  // A list or mapping whose end has not come yet.
  struct Open {
    Node node;
    bool has_key = false;  // a mapping's last entry waits for its value
    std::set<std::string, std::less<>> keys{};
  };

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == Node::Kind::mapping && !open_.back().has_key;
  }

  void check(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
    last_position_ = position_of(mark);
    if (++nodes_ > max_nodes) stop(mark, "more than " + std::to_string(max_nodes) + " values");
    if (anchor != YAML::NullAnchor)
      stop(mark, "anchors (&name) are not supported; write the value out");
    if (!tag.empty() && tag != "?" && tag != "!") {
      stop(mark, "tag '" + std::string(tag) + "' is not supported; only '!secret NAME' is");
    }
  }

  void start_entry(const YAML::Mark& mark, const std::string& key) {
    Open& mapping = open_.back();
    if (!mapping.keys.insert(key).second) {
      const Position first = position_of_key(mapping.node, key);
      diagnostics_.push_back(
          {position_of(mark),
           "'" + key + "' is given twice; the first is in line " + std::to_string(first.line)});
    }
    mapping.node.entries.push_back({key, position_of(mark), {}});
    mapping.has_key = true;
  }

  static Position position_of_key(const Node& mapping, std::string_view key) {
    for (const Node::Entry& entry : mapping.entries) {
      if (entry.key == key) return entry.key_position;
    }
    return {};
  }

  void open(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check(mark, tag, anchor);
    if (expects_key())
      stop(mark, "a key must be plain text; is a bracket before this never closed?");
    if (open_.size() >= static_cast<std::size_t>(max_depth)) {
      stop(mark, "nested deeper than " + std::to_string(max_depth) + " levels");
    }
    open_.push_back({.node = std::move(node)});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    Node::Entry& entry = parent.node.entries.back();
    // The parser places a missing value wherever it noticed; the user looks at the key.
    if (node.kind == Node::Kind::null) node.position = entry.key_position;
    entry.value = std::move(node);
    parent.has_key = false;
  }

  std::vector<Diagnostic>& diagnostics_;
  std::vector<Open> open_;
  Node root_;
  Position last_position_{1, 1};
  int nodes_ = 0;
  int documents_ = 0;
};

Position position_of_byte(std::string_view text, std::size_t offset) {
  Position position{1, 1};
  for (const char c : text.substr(0, offset)) {
    position =
        c == '\n' ? Position{position.line + 1, 1} : Position{position.line, position.column + 1};
  }
  return position;
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// The parser takes anything for text, even UTF-16; a configuration is UTF-8 or a mistake.
bool check_text(std::string_view text, std::vector<Diagnostic>& diagnostics) {
  if (text.size() > max_file_bytes) {
    diagnostics.push_back(
        {{1, 1}, "larger than " + std::to_string(max_file_bytes / 1024) + " KiB"});
    return false;
  }
  const std::size_t mark = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  const std::size_t clean = mark + clean_prefix(text.substr(mark));
  if (clean == text.size()) return true;
  const bool control = static_cast<unsigned char>(text[clean]) < 0x80;
  diagnostics.push_back({position_of_byte(text, clean),
                         control ? "control character in the text" : "not valid UTF-8"});
  return false;
}

// `last` is where the latest value began: closer to the mistake than the end of the file is.
Diagnostic explain(const YAML::Exception& error, Position last, int lines) {
  if (error.msg == YAML::ErrorMsg::DOC_IN_SCALAR) {
    return {last, "a quote that opens after this is never closed"};
  }
  const bool in_file = !error.mark.is_null() && error.mark.line < lines;
  return {in_file ? position_of(error.mark) : last, error.msg};
}

/// False, with a diagnostic, if the text is not YAML as we take it.
bool run_parser(std::string_view text, TreeBuilder& builder, std::vector<Diagnostic>& diagnostics) {
  try {
    // yaml-cpp takes the end of the file for the end of a quoted text that was never closed, and so
    // swallows half a configuration. An end-of-document line of our own makes it notice.
    std::istringstream stream{std::string(text) + "\n...\n"};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return true;
  } catch (const YAML::Exception& error) {
    diagnostics.push_back(explain(error, builder.last_position(),
                                  static_cast<int>(std::ranges::count(text, '\n')) + 1));
  } catch (const std::exception& error) {
    diagnostics.push_back({{1, 1}, error.what()});
  }
  return false;
}

}  // namespace

Result<Node> parse_yaml(std::string_view text, std::vector<Diagnostic>& diagnostics) {
  const std::size_t before = diagnostics.size();
  TreeBuilder builder(diagnostics);
  if (!check_text(text, diagnostics) || !run_parser(text, builder, diagnostics))
    return Error{ErrorKind::invalid, diagnostics[before].message};
  return builder.take_root();
}

Result<Node> load_yaml(const std::string& path, std::vector<Diagnostic>& diagnostics) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    diagnostics.push_back({{}, "cannot be opened"});
    return Error{ErrorKind::not_found, "cannot open '" + path + "'"};
  }
  // One byte more than allowed tells that there is more, without reading all of it.
  std::string text(max_file_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    diagnostics.push_back({{}, "cannot be read"});
    return Error{ErrorKind::io, "cannot read '" + path + "'"};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_yaml(text, diagnostics);
}

}  // namespace haltere::config
