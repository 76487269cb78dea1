// The settings of windows, and how filters are made of them.
#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <string_view>
#include <utility>

#include "config/settings.hpp"
#include "fusion/window.hpp"
#include "fusion/window_check.hpp"
#include "fusion/window_features.hpp"

namespace haltere::fusion {
namespace {

using config::Dimension;
using config::Section;
using config::Setting;
using config::Type;

constexpr std::array trigger_settings{
    Setting{.key = "stream",
            .type = Type::stream,
            .description = "What is watched: a button, a sensor, a filter's output",
            .required = true},
    Setting{.key = "above",
            .type = Type::number,
            .description = "An event is when the stream's magnitude (the root of the sum of its "
                           "channels' squares) rises above this, in its unit",
            .min = 0.0,
            .default_text = "0.5"},
    Setting{.key = "before",
            .type = Type::number,
            .description = "Part of the window that lies before the event",
            .dimension = Dimension::time,
            .min = 0.0},
    Setting{.key = "before_samples",
            .type = Type::integer,
            .description = "Samples of the window before the event, instead of `before`",
            .min = 0,
            .max = kernels::max_window_samples - 1},
};

constexpr std::array window_settings{
    Setting{.key = "inputs",
            .type = Type::streams,
            .description = "Streams whose channels the features are computed of",
            .required = true},
    Setting{.key = "length",
            .type = Type::number,
            .description = "Duration of a window",
            .dimension = Dimension::time,
            .min = 0.0},
    Setting{.key = "length_samples",
            .type = Type::integer,
            .description = "Samples in a window, instead of `length`",
            .min = 1,
            .max = kernels::max_window_samples},
    Setting{.key = "step",
            .type = Type::number,
            .description =
                "Time from one window to the next, with a trigger at least from one event "
                "to the next; as long as the window if absent",
            .dimension = Dimension::time,
            .min = 0.0},
    Setting{.key = "step_samples",
            .type = Type::integer,
            .description = "Samples from one window to the next, instead of `step`",
            .min = 1,
            .max = 65535},
    Setting{.key = "features",
            .type = Type::variants,
            .description = "What is computed of every channel, or vector of channels",
            .required = true,
            .variants = feature_variants},
    Setting{.key = "taper",
            .type = Type::choice,
            .description = "How samples fade in and out before their spectrum is taken (w below)",
            .default_text = "hann",
            .choices = taper_names},
    Setting{
        .key = "trigger",
        .type = Type::section,
        .description =
            "Cuts windows about events, not one after the other; not of a microcontroller's own "
            "sensor",
        .children = trigger_settings},
};

/// `channels` of the trigger's stream.
WindowTrigger read_trigger(const Section& section, std::size_t channels) {
  WindowTrigger trigger;
  trigger.channels = channels;
  trigger.above = static_cast<float>(section.number("above"));
  if (section.has("before")) trigger.before_s = section.number("before");
  if (section.has("before_samples"))
    trigger.before_samples = static_cast<std::size_t>(section.integer("before_samples"));
  return trigger;
}

WindowSettings read_settings(const Section& section, std::span<const sensors::Layout> inputs) {
  WindowSettings settings;
  if (section.has("length")) settings.length_s = section.number("length");
  if (section.has("length_samples"))
    settings.length_samples = static_cast<std::size_t>(section.integer("length_samples"));
  if (section.has("step")) settings.step_s = section.number("step");
  if (section.has("step_samples"))
    settings.step_samples = static_cast<std::size_t>(section.integer("step_samples"));
  settings.features = read_features(section.variants("features"));
  const auto taper = std::ranges::find(taper_names, std::string_view(section.text("taper")));
  settings.taper = static_cast<kernels::Taper>(taper - taper_names.begin());
  if (section.has("trigger"))
    settings.trigger = read_trigger(section.section("trigger"), inputs.back().channels.size());
  return settings;
}

/// All channels of all inputs one after the other, at the rate of the first; the trigger comes last
/// and is none of them.
sensors::Layout joined(const Section& section, std::span<const sensors::Layout> inputs) {
  if (section.has("trigger")) inputs = inputs.first(inputs.size() - 1);
  sensors::Layout row;
  for (const auto& input : inputs)
    row.channels.insert(row.channels.end(), input.channels.begin(), input.channels.end());
  if (!inputs.empty()) row.rate_hz = inputs.front().rate_hz;
  return row;
}

std::vector<StreamName> window_inputs(const Section& section) {
  std::vector<StreamName> names;
  const auto& texts = section.texts("inputs");
  for (std::size_t i = 0; i < texts.size(); ++i)
    names.push_back({texts[i], section.position("inputs", i)});
  if (section.has("trigger")) {
    const Section& trigger = section.section("trigger");
    names.push_back({trigger.text("stream"), trigger.position("stream")});
  }
  return names;
}

sensors::Layout window_output(const Section& section, std::span<const sensors::Layout> inputs,
                              std::vector<config::Diagnostic>& diagnostics) {
  const WindowSettings settings = read_settings(section, inputs);
  const sensors::Layout row = joined(section, inputs);
  if (const auto problem = check_window(settings, row)) {
    const bool of_trigger = problem->key.starts_with("before");
    const Section& owner = of_trigger ? section.section("trigger") : section;
    diagnostics.push_back({owner.position(problem->key, problem->index), problem->message});
    return {};
  }
  const auto window = Window::create(settings, row);
  if (!window) {
    diagnostics.push_back({section.position(), window.error().message});
    return {};
  }
  return window.value()->layout();
}

std::unique_ptr<Filter> make_window(const Section& section,
                                    std::span<const sensors::Layout> inputs) {
  auto window = Window::create(read_settings(section, inputs), joined(section, inputs));
  assert(window.ok());
  return std::move(window).value();
}

}  // namespace

const FilterType window_type{
    .component = {.kind = "fusion",
                  .platform = "window",
                  .description = "Cuts the stream into windows and computes features of each",
                  .settings = window_settings},
    .inputs = window_inputs,
    .output = window_output,
    .make = make_window,
};

}  // namespace haltere::fusion
