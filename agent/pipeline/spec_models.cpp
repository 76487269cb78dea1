// Models and microcontrollers: what they learn from, and whether names and sizes fit.

#include <algorithm>

#include "agent/pipeline/needs.hpp"
#include "agent/pipeline/settings.hpp"
#include "agent/pipeline/spec_parts.hpp"
#include "learner/settings.hpp"
#include "learner/tail_threshold.hpp"
#include "models/kernels/recipe.hpp"

namespace haltere::agent {
namespace {

using config::Node;
using config::Section;

learner::ModelSettings model_settings_of(const Section& section) {
  learner::ModelSettings settings;
  settings.task = learner::task_named(section.text("task"));
  if (section.has("labels")) settings.labels = section.texts("labels");
  settings.auto_layers = section.says("layers", "auto");
  settings.layers.clear();
  if (settings.auto_layers)  // so that what is checked suffices for the largest
    settings.layers =
        settings.task == learner::Task::anomaly ? learner::anomaly_layers : learner::largest_layers;
  for (const std::int64_t units : section.integers("layers")) {
    settings.layers.push_back(static_cast<std::size_t>(units));
  }
  settings.activation = learner::activation_named(section.text("activation"));
  settings.false_alarm_rate = section.number("false_alarms");
  settings.learn_normal = static_cast<std::size_t>(section.integer("learn_normal"));
  if (section.has("learn")) settings.learn = learner::read_learn_settings(section.section("learn"));
  return settings;
}

void check_labels(Resolution& work, const Section& section, const ModelSpec& model) {
  const auto& labels = model.settings.labels;
  if (model.settings.task != learner::Task::classify) {
    if (section.has("labels")) {
      work.complain(section.position("labels"), "only a model with 'task: classify' has labels");
    }
    return;
  }
  if (labels.size() < 2) {
    work.complain(section.position("labels"), "a model that classifies needs at least 2 'labels:'");
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty() || labels[i].size() > sensors::max_label_bytes) {
      work.complain(section.position("labels", i),
                    "a label has 1 to " + std::to_string(sensors::max_label_bytes) + " bytes");
    }
    if (std::find(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(i), labels[i]) !=
        labels.begin() + static_cast<std::ptrdiff_t>(i)) {
      work.complain(section.position("labels", i), "the label '" + labels[i] + "' is there twice");
    }
  }
}

std::optional<std::size_t> find_sensor(Resolution& work, const Section& section) {
  const std::string& id = section.text("sensor");
  const std::size_t index = index_of(work.spec.sensors, id);
  if (index < work.spec.sensors.size()) return index;
  std::vector<std::string_view> known;
  for (const SensorSpec& sensor : work.spec.sensors) known.emplace_back(sensor.id);
  complain_unknown(work, section.position("sensor"), id, "sensor", known);
  return std::nullopt;
}

void add_button(Resolution& work, const Section& section, std::size_t sensor, ModelSpec& model) {
  const auto& labels = model.settings.labels;
  const auto label = std::ranges::find(labels, section.text("label"));
  if (label == labels.end()) {
    work.complain(section.position("label"),
                  "'" + section.text("label") + "' is not a label of model '" + model.id + "'" +
                      config::suggestion(section.text("label"), std::vector<std::string_view>(
                                                                    labels.begin(), labels.end())));
    return;
  }
  model.buttons.push_back({.sensor = sensor,
                           .label = static_cast<std::size_t>(label - labels.begin()),
                           .span = section.duration("span")});
}

void resolve_label_sources(Resolution& work, const Section& section, ModelSpec& model) {
  if (!section.has("label_from")) return;
  for (const Section::Item& item : section.variants("label_from")) {
    if (model.settings.task != learner::Task::classify) {
      work.complain(item.position, "only a model with 'task: classify' learns from labels");
      return;
    }
    const auto sensor = find_sensor(work, item.settings);
    if (!sensor) continue;
    if (item.name == "column") model.column_from = sensor;
    if (item.name == "gpio") add_button(work, item.settings, *sensor, model);
  }
}

/// Every channel of the stream `name` is a target of its own.
void add_targets(Resolution& work, const fusion::StreamName& name, ModelSpec& model) {
  if (work.broken.contains(name.name.substr(0, name.name.find('.')))) return;
  const std::optional<StreamRef> stream = work.streams.find(name, work.diagnostics);
  if (!stream) return;
  const sensors::Layout layout = select(work.spec.layout(stream->source), *stream);
  for (std::size_t c = 0; c < stream->channels.size(); ++c) {
    model.targets.push_back({stream->source, {stream->channels[c]}});
    model.target_names.push_back(stream->channels.size() == 1 ? name.name
                                                              : layout.channels[c].name);
  }
}

void resolve_target(Resolution& work, const Section& section, ModelSpec& model) {
  const bool regress = model.settings.task == learner::Task::regress;
  if (section.has("target") != regress) {
    work.complain(section.position("target"),
                  regress ? "a model with 'task: regress' needs a 'target:'"
                          : "only a model with 'task: regress' has a 'target:'");
    return;
  }
  if (!regress) return;
  const std::vector<std::string>& names = section.texts("target");
  for (std::size_t i = 0; i < names.size(); ++i)
    add_targets(work, {.name = names[i], .position = section.position("target", i)}, model);
  model.settings.targets = std::max<std::size_t>(model.targets.size(), 1);
}

void resolve_input(Resolution& work, const Section& section, ModelSpec& model) {
  const std::string& input = section.text("input");
  model.filter = index_of(work.spec.filters, input);
  if (model.filter < work.spec.filters.size() &&
      work.spec.filters[model.filter].type->component.platform == "window") {
    return;
  }
  std::vector<std::string_view> windows;
  for (const FilterSpec& filter : work.spec.filters) {
    if (filter.type->component.platform == "window") windows.emplace_back(filter.id);
  }
  complain_unknown(work, section.position("input"), input, "window", windows);
}

/// Alarms a day as a share of the windows that a day has.
void resolve_alarms(Resolution& work, const Section& section, ModelSpec& model) {
  if (!section.has("false_alarms_per_day")) return;
  const std::vector<std::uint8_t> recipe = recipe_of(work.spec, model);
  kernels::RecipeView view{};
  if (!kernels::open_recipe(recipe.data(), recipe.size(), view) || !(view.rate_hz > 0.0F)) {
    work.complain(section.position("false_alarms_per_day"),
                  "how many windows a day has is not known: the sensor of the window needs a "
                  "'rate:'; else give 'false_alarms:' as a share of the windows");
    return;
  }
  model.settings.false_alarm_rate =
      learner::false_alarm_rate(section.number("false_alarms_per_day"),
                                static_cast<double>(view.rate_hz) / view.step_samples);
}

void add_model(Resolution& work, const std::string& id, const Section& section) {
  ModelSpec model{.id = id,
                  .settings = model_settings_of(section),
                  .filter = 0,
                  .column_from = {},
                  .buttons = {},
                  .targets = {},
                  .target_names = {},
                  .learn_when = {},
                  .budget = {},
                  .hand_over = {},
                  .position = section.position()};
  if (section.has("budget")) model.budget = section.number("budget");
  if (id.size() > sensors::max_label_bytes) {
    work.complain(section.position("id"), "the id of a model has at most " +
                                              std::to_string(sensors::max_label_bytes) + " bytes");
  }
  const std::size_t before = work.diagnostics.size();
  check_labels(work, section, model);
  resolve_input(work, section, model);
  resolve_label_sources(work, section, model);
  resolve_target(work, section, model);
  if (section.has("learn_when")) {
    model.learn_when = read_condition(section.text("learn_when"), section.position("learn_when"),
                                      work.streams, work.diagnostics);
  }
  if (work.diagnostics.size() == before) resolve_alarms(work, section, model);
  if (work.diagnostics.size() == before) {
    if (const Status sound = learner::check(model.settings); !sound) {
      work.complain(model.position, sound.error().message);
    }
  }
  work.spec.models.push_back(std::move(model));
}

// Promotion is decided once per model, however many microcontrollers run it.
void take_hand_over(PipelineSpec& spec, std::size_t model, const Section& section) {
  if (!section.has("hand_over")) return;
  for (const McuSpec& other : spec.mcus) {
    if (other.model == model) return;
  }
  const Section& hand_over = section.section("hand_over");
  spec.models[model].hand_over = {.after = static_cast<std::size_t>(hand_over.number("after")),
                                  .if_better_by = hand_over.number("if_better_by")};
}

void add_mcu(Resolution& work, const std::string& id, const Section& section) {
  McuSpec mcu{.id = id,
              .device = section.text("device"),
              .baud = static_cast<int>(section.integer("baud")),
              .model = index_of(work.spec.models, section.text("model")),
              .ram_bytes = {},
              .flash_bytes = {},
              .sensor = {},
              .sees_windows = false,
              .position = section.position()};
  if (section.has("ram")) mcu.ram_bytes = section.number("ram");
  if (section.has("flash")) mcu.flash_bytes = section.number("flash");
  if (mcu.model < work.spec.models.size()) {
    take_hand_over(work.spec, mcu.model, section);
  } else {
    std::vector<std::string_view> known;
    for (const ModelSpec& model : work.spec.models) known.emplace_back(model.id);
    complain_unknown(work, section.position("model"), section.text("model"), "model", known);
  }
  work.spec.mcus.push_back(std::move(mcu));
}

/// Whether all of the model's window comes as it is from `sensor`.
bool is_of_sensor(const PipelineSpec& spec, const ModelSpec& model, std::size_t sensor) {
  return std::ranges::all_of(spec.filters[model.filter].inputs,
                             [&](const StreamRef& input) { return input.source == sensor; });
}

/// Which microcontroller each sensor of one belongs to.
void connect_mcu_sensor(Resolution& work, std::size_t index) {
  const SensorSpec& sensor = work.spec.sensors[index];
  const std::size_t found = index_of(work.spec.mcus, sensor.mcu);
  if (found == work.spec.mcus.size()) {
    std::vector<std::string_view> known;
    for (const McuSpec& mcu : work.spec.mcus) known.emplace_back(mcu.id);
    complain_unknown(work, sensor.settings.position("mcu"), sensor.mcu, "mcu", known);
    return;
  }
  McuSpec& mcu = work.spec.mcus[found];
  if (mcu.sensor) {
    work.complain(sensor.settings.position("mcu"), "mcu '" + mcu.id + "' is read by sensor '" +
                                                       work.spec.sensors[*mcu.sensor].id +
                                                       "' already");
    return;
  }
  mcu.sensor = index;
  if (!work.diagnostics.empty()) return;
  const ModelSpec& model = work.spec.models[mcu.model];
  mcu.sees_windows = is_of_sensor(work.spec, model, index);
  const Section& window = work.spec.filters[model.filter].settings;
  if (mcu.sees_windows && window.has("trigger"))
    work.complain(window.position("trigger"),
                  "mcu '" + mcu.id +
                      "' computes these windows by itself, one after the other, and cannot cut "
                      "them about events; leave 'trigger' out");
}

}  // namespace

void resolve_models(Resolution& work) {
  for (const Node& node : entries_of(work, "models")) {
    read_entry(work, node, model_component(), [&](const std::string& id, const Section& section) {
      add_model(work, id, section);
    });
  }
}

void resolve_mcus(Resolution& work) {
  for (const Node& node : entries_of(work, "mcus")) {
    read_entry(work, node, mcu_component(),
               [&](const std::string& id, const Section& section) { add_mcu(work, id, section); });
  }
  for (std::size_t i = 0; i < work.spec.sensors.size(); ++i) {
    if (!work.spec.sensors[i].mcu.empty()) connect_mcu_sensor(work, i);
  }
}

}  // namespace haltere::agent
