#include "agent/pipeline/spec.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "agent/pipeline/needs.hpp"
#include "agent/pipeline/settings.hpp"
#include "agent/pipeline/spec_parts.hpp"

namespace haltere::agent {
namespace {

using config::Component;
using config::Node;
using config::Section;

constexpr std::array<std::string_view, 6> top_level{"agent",  "buses",  "sensors",
                                                    "fusion", "models", "mcus"};

void check_top_level(Resolution& work) {
  if (work.root.kind != Node::Kind::mapping) {
    work.complain(work.root.position,
                  "a pipeline file is a mapping with at least 'sensors:'; see `haltere help`");
    return;
  }
  for (const Node::Entry& entry : work.root.entries) {
    if (std::ranges::find(top_level, entry.key) != top_level.end()) continue;
    work.complain(entry.key_position, "'" + entry.key + "' is not a part of a pipeline file" +
                                          config::suggestion(entry.key, top_level));
  }
  if (work.root.find("sensors") == nullptr) {
    work.complain(work.root.position, "there is no 'sensors:' list, so there is nothing to do");
  }
}

void resolve_agent(Resolution& work) {
  const Node empty{.kind = Node::Kind::mapping,
                   .position = work.root.position,
                   .text = {},
                   .items = {},
                   .entries = {}};
  const Node* node = work.root.find("agent");
  const Component& component = agent_component();
  const Section section = config::read_section(node == nullptr ? empty : *node, component.settings,
                                               config::owner_name(component), work.diagnostics);
  work.spec.name = section.text("name");
  if (section.has("state")) work.spec.state = section.text("state");
  work.spec.checkpoint_every = section.duration("checkpoint_every");
  work.spec.merge_wait = section.duration("merge_wait");
  work.spec.queue_samples = std::bit_ceil(static_cast<std::size_t>(section.integer("queue")));
}

void resolve_buses(Resolution& work) {
  std::vector<const Component*> known;
  for (const Component& component : sensors::bus_components()) known.push_back(&component);
  for (const Node& node : entries_of(work, "buses")) {
    const Component* component = platform_of(work, node, "bus", known);
    if (component == nullptr) continue;
    read_entry(work, node, *component, [&](const std::string& id, const Section& section) {
      work.spec.buses.push_back({.id = id, .device = section.text("device")});
    });
  }
}

void resolve_bus_of(Resolution& work, SensorSpec& sensor) {
  if (!sensor.settings.has("bus")) return;
  sensor.bus = sensor.settings.text("bus");
  if (index_of(work.spec.buses, sensor.bus) < work.spec.buses.size()) return;
  std::vector<std::string_view> known;
  for (const BusSpec& bus : work.spec.buses) known.emplace_back(bus.id);
  complain_unknown(work, sensor.settings.position("bus"), sensor.bus, "bus", known);
}

void resolve_sensors(Resolution& work) {
  std::vector<const Component*> known;
  for (const sensors::Driver& driver : sensors::drivers()) known.push_back(&driver.component);
  for (const Node& node : entries_of(work, "sensors")) {
    const Component* component = platform_of(work, node, "sensor", known);
    if (component == nullptr) continue;
    read_entry(work, node, *component, [&](const std::string& id, const Section& section) {
      SensorSpec sensor{.id = id,
                        .driver = sensors::find_driver(component->platform),
                        .settings = section,
                        .layout = {},
                        .bus = {},
                        .mcu = {}};
      if (section.has("mcu")) sensor.mcu = section.text("mcu");
      sensor.layout = sensor.driver->layout(section, work.diagnostics);
      resolve_bus_of(work, sensor);
      work.streams.add(work.spec.sensors.size(), id, sensor.layout);
      work.spec.sensors.push_back(std::move(sensor));
    });
  }
}

}  // namespace

std::span<const Node> entries_of(Resolution& work, std::string_view key) {
  const Node* list = work.root.kind == Node::Kind::mapping ? work.root.find(key) : nullptr;
  if (list == nullptr || list->kind == Node::Kind::null) return {};
  if (list->kind == Node::Kind::sequence) return list->items;
  work.complain(list->position, "'" + std::string(key) + "' is a list: start each entry with '- '");
  return {};
}

const Component* platform_of(Resolution& work, const Node& node, std::string_view what,
                             const std::vector<const Component*>& known) {
  const bool is_mapping = node.kind == Node::Kind::mapping;
  const Node* platform = is_mapping ? node.find("platform") : nullptr;
  const Node* id = is_mapping ? node.find("id") : nullptr;
  const auto refuse = [&](config::Position position, std::string message) {
    work.complain(position, std::move(message));
    if (id != nullptr) work.broken.insert(id->text);
    return nullptr;
  };
  if (platform == nullptr || platform->kind != Node::Kind::scalar) {
    return refuse(node.position, std::string(what) + " needs a 'platform:'");
  }
  std::vector<std::string_view> names;
  for (const Component* component : known) {
    if (component->platform == platform->text) return component;
    names.push_back(component->platform);
  }
  return refuse(platform->position,
                "'" + platform->text + "' is not a " + std::string(what) + " platform" +
                    config::suggestion_or_list(platform->text, names, "the platforms are"));
}

void read_entry(Resolution& work, const Node& node, const Component& component,
                const std::function<void(const std::string& id, const Section&)>& use) {
  const std::size_t before = work.diagnostics.size();
  const Section section = config::read_component(node, component, work.diagnostics);
  const std::string id = section.has("id") ? section.text("id") : std::string();
  const auto [known, is_new] = work.ids.emplace(id, section.position("id"));
  if (!is_new && !id.empty()) {
    work.complain(section.position("id"), "the id '" + id + "' is already taken in line " +
                                              std::to_string(known->second.line));
  }
  // With mistakes inside, only the name is kept: values would be half true.
  if (work.diagnostics.size() == before) use(id, section);
  if (work.diagnostics.size() != before) work.broken.insert(id);
}

void complain_unknown(Resolution& work, config::Position position, const std::string& id,
                      std::string_view what, const std::vector<std::string_view>& known) {
  if (work.broken.contains(id)) return;
  work.complain(position,
                "'" + id + "' is not a " + std::string(what) + config::suggestion(id, known));
}

SourceIndex PipelineSpec::clock_of(SourceIndex source) const {
  while (source >= sensors.size()) {
    const FilterSpec& filter = filters[source - sensors.size()];
    if (filter.type->merges) return source;
    source = filter.inputs.front().source;
  }
  return source;
}

PipelineSpec resolve(const Node& root, std::vector<config::Diagnostic>& diagnostics) {
  Resolution work{
      .root = root, .diagnostics = diagnostics, .spec = {}, .streams = {}, .ids = {}, .broken = {}};
  check_top_level(work);
  if (root.kind != Node::Kind::mapping) return std::move(work.spec);
  resolve_agent(work);
  resolve_buses(work);
  resolve_sensors(work);
  resolve_filters(work);
  resolve_models(work);
  resolve_mcus(work);
  return std::move(work.spec);
}

Result<PipelineSpec> load_pipeline(const std::string& path,
                                   const std::vector<std::string>& overrides) {
  std::vector<config::Diagnostic> diagnostics;
  Result<Node> root = config::load_yaml(path, diagnostics);
  if (!root) return Error{root.error().kind, config::to_text(path, std::move(diagnostics))};
  int number = 0;
  for (const std::string& assignment : overrides) {
    ++number;
    if (Status applied = config::apply_override(*root, assignment, number); !applied) {
      diagnostics.push_back({{.line = 0, .column = number}, applied.error().message});
    }
  }
  PipelineSpec spec = resolve(*root, diagnostics);
  if (diagnostics.empty()) check_needs(spec, diagnostics);
  if (diagnostics.empty()) return spec;
  return Error{ErrorKind::invalid, config::to_text(path, std::move(diagnostics))};
}

}  // namespace haltere::agent
