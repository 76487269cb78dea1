// Fusion: which filter takes what, in an order in which inputs come first.

#include <algorithm>

#include "agent/pipeline/spec_parts.hpp"

namespace haltere::agent {
namespace {

using config::Node;
using config::Section;
using fusion::FilterType;
using fusion::StreamName;

struct Pending {
  std::string id;
  const FilterType* type = nullptr;
  Section settings;
  std::vector<StreamName> inputs;
};

std::string source_id(const std::string& stream) { return stream.substr(0, stream.find('.')); }

std::vector<Pending> read_filters(Resolution& work) {
  std::vector<const config::Component*> known;
  for (const FilterType& type : fusion::filter_types()) known.push_back(&type.component);
  std::vector<Pending> pending;
  for (const Node& node : entries_of(work, "fusion")) {
    const config::Component* component = platform_of(work, node, "fusion", known);
    if (component == nullptr) continue;
    read_entry(work, node, *component, [&](const std::string& id, const Section& section) {
      const FilterType* type = fusion::find_filter_type(component->platform);
      pending.push_back(
          {.id = id, .type = type, .settings = section, .inputs = type->inputs(section)});
    });
  }
  return pending;
}

const StreamName* input_from(const Pending& filter, const std::vector<Pending>& others) {
  for (const StreamName& input : filter.inputs) {
    if (index_of(others, source_id(input.name)) < others.size()) return &input;
  }
  return nullptr;
}

void add_filter(Resolution& work, Pending filter) {
  const std::size_t before = work.diagnostics.size();
  FilterSpec spec{.id = filter.id,
                  .type = filter.type,
                  .settings = std::move(filter.settings),
                  .inputs = {},
                  .input_layouts = {},
                  .output = {}};
  bool whole = true;
  for (const StreamName& input : filter.inputs) {
    whole = whole && !work.broken.contains(source_id(input.name));
    if (work.broken.contains(source_id(input.name))) continue;
    const auto stream = work.streams.find(input, work.diagnostics);
    if (!stream) continue;
    spec.input_layouts.push_back(select(work.spec.layout(stream->source), *stream));
    spec.inputs.push_back(*stream);
  }
  if (whole && work.diagnostics.size() == before) {
    spec.output = spec.type->output(spec.settings, spec.input_layouts, work.diagnostics);
  }
  if (!whole || work.diagnostics.size() != before) {
    work.broken.insert(filter.id);
    return;
  }
  work.streams.add(work.spec.sensors.size() + work.spec.filters.size(), spec.id, spec.output);
  work.spec.filters.push_back(std::move(spec));
}

// Every one of `stuck` waits for another of them, so following inputs ends in a circle.
void complain_cycle(Resolution& work, const std::vector<Pending>& stuck) {
  std::vector<std::string> path{stuck.front().id};
  while (std::ranges::count(path, path.back()) < 2) {
    const Pending& filter = stuck[index_of(stuck, path.back())];
    path.push_back(source_id(input_from(filter, stuck)->name));
  }
  std::string circle = path.back();
  const auto begin = std::ranges::find(path, path.back());
  for (auto step = begin + 1; step != path.end(); ++step) circle += " <- " + *step;
  const Pending& filter = stuck[index_of(stuck, path.back())];
  work.complain(input_from(filter, stuck)->position,
                "'" + filter.id + "' depends on itself: " + circle);
}

}  // namespace

void resolve_filters(Resolution& work) {
  std::vector<Pending> pending = read_filters(work);
  while (!pending.empty()) {
    const auto ready = std::ranges::find_if(
        pending, [&](const Pending& filter) { return input_from(filter, pending) == nullptr; });
    if (ready == pending.end()) {
      complain_cycle(work, pending);
      for (const Pending& filter : pending) work.broken.insert(filter.id);
      return;
    }
    Pending filter = std::move(*ready);
    pending.erase(ready);
    add_filter(work, std::move(filter));
  }
}

}  // namespace haltere::agent
