#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "config/node.hpp"
#include "config/settings.hpp"

namespace haltere::config {
namespace {

struct Assignment {
  std::string_view id;
  std::vector<std::string_view> keys;
  std::string_view value;
};

Result<Assignment> split(std::string_view text) {
  const std::size_t equals = text.find('=');
  std::string_view path = text.substr(0, equals);
  Assignment assignment;
  bool sound = equals != std::string_view::npos;
  std::vector<std::string_view> parts;
  for (std::size_t dot = 0; dot != std::string_view::npos;) {
    dot = path.find('.');
    parts.push_back(path.substr(0, dot));
    sound = sound && !parts.back().empty();
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  }
  if (!sound || parts.size() < 2 || parts.size() > static_cast<std::size_t>(max_depth)) {
    return Error{ErrorKind::invalid, "'" + std::string(text) + "' is not of the form ID.KEY=VALUE"};
  }
  return Assignment{.id = parts.front(),
                    .keys = {parts.begin() + 1, parts.end()},
                    .value = text.substr(equals + 1)};
}

// Everything an override may name: entries of lists by their `id`, and top-level mappings.
struct Target {
  std::string_view id;
  Node* node;
};

std::vector<Target> targets(Node& root) {
  std::vector<Target> found;
  for (Node::Entry& entry : root.entries) {
    if (entry.value.kind == Node::Kind::mapping) found.push_back({entry.key, &entry.value});
    for (Node& item : entry.value.items) {
      const Node* id = item.find("id");
      if (id != nullptr && id->kind == Node::Kind::scalar) found.push_back({id->text, &item});
    }
  }
  return found;
}

void place_all(Node& node, Position position) {
  node.position = position;
  for (Node& item : node.items) place_all(item, position);
  for (Node::Entry& entry : node.entries) {
    entry.key_position = position;
    place_all(entry.value, position);
  }
}

Node& find_or_add(Node& mapping, std::string_view key, Position position) {
  if (Node* present = mapping.find(key)) return *present;
  mapping.entries.push_back({std::string(key), position, Node::make(Node::Kind::null, position)});
  return mapping.entries.back().value;
}

Result<Node*> find_target(Node& root, std::string_view id, Position position) {
  if (root.kind == Node::Kind::null) root.kind = Node::Kind::mapping;
  if (id == "agent") {
    Node& agent = find_or_add(root, id, position);
    if (agent.kind == Node::Kind::null) agent.kind = Node::Kind::mapping;
    return &agent;
  }
  std::vector<std::string_view> ids;
  for (const Target& target : targets(root)) {
    if (target.id == id) return target.node;
    ids.push_back(target.id);
  }
  return Error{ErrorKind::not_found,
               "nothing has the id '" + std::string(id) + "'" + suggestion(id, ids)};
}

}  // namespace

Status apply_override(Node& root, std::string_view assignment, int number) {
  const Position position{0, number};
  const Result<Assignment> parts = split(assignment);
  if (!parts) return parts.error();
  std::vector<Diagnostic> diagnostics;
  Result<Node> value = parse_yaml(parts->value, diagnostics);
  if (!value) return value.error();
  if (!diagnostics.empty()) return Error{ErrorKind::invalid, diagnostics.front().message};
  Result<Node*> target = find_target(root, parts->id, position);
  if (!target) return target.error();

  Node* node = *target;
  for (const std::string_view key : parts->keys) {
    if (node->kind == Node::Kind::null) node->kind = Node::Kind::mapping;
    if (node->kind != Node::Kind::mapping) {
      return Error{ErrorKind::invalid, "'" + std::string(key) + "' in '" + std::string(assignment) +
                                           "' would be inside a value that has no settings"};
    }
    node = &find_or_add(*node, key, position);
  }
  place_all(*value, position);
  *node = std::move(*value);
  return {};
}

}  // namespace haltere::config
