#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/pipeline/spec.hpp"
#include "agent/pipeline/streams.hpp"

namespace haltere::agent {

/// What the steps of `resolve` share. A thing with a mistake of its own is `broken`: what refers to
/// it is not blamed a second time.
struct Resolution {
  const config::Node& root;
  std::vector<config::Diagnostic>& diagnostics;
  PipelineSpec spec;
  StreamTable streams;
  std::map<std::string, config::Position, std::less<>> ids;
  std::set<std::string, std::less<>> broken;

  void complain(config::Position position, std::string message) {
    diagnostics.push_back({position, std::move(message)});
  }
};

/// The entries of the list `key` of the file; a complaint if it is no list.
[[nodiscard]] std::span<const config::Node> entries_of(Resolution& work, std::string_view key);

/// The one of `known` that the entry's `platform:` names; a complaint and nullptr if none is.
/// Others may still name the entry's id: it is broken then.
[[nodiscard]] const config::Component* platform_of(
    Resolution& work, const config::Node& node, std::string_view what,
    const std::vector<const config::Component*>& known);

/// Reads one entry as `component` says, registers its id and calls `use` with it. Marks the id as
/// broken when anything in there was wrong.
void read_entry(Resolution& work, const config::Node& node, const config::Component& component,
                const std::function<void(const std::string& id, const config::Section&)>& use);

/// Index of the element with `id` in `range`, or its size.
template <typename Range>
std::size_t index_of(const Range& range, std::string_view id) {
  std::size_t index = 0;
  while (index < range.size() && range[index].id != id) ++index;
  return index;
}

/// "'imy' is not a sensor; did you mean 'imu'?" unless it is broken itself.
void complain_unknown(Resolution& work, config::Position position, const std::string& id,
                      std::string_view what, const std::vector<std::string_view>& known);

void resolve_filters(Resolution& work);
void resolve_models(Resolution& work);
void resolve_mcus(Resolution& work);

}  // namespace haltere::agent
