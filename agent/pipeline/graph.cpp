#include "agent/pipeline/graph.hpp"

#include <algorithm>

namespace haltere::agent {
namespace {

using sensors::TimeNs;

constexpr float pressed_above = 0.5F;

/// Copies what a filter takes, which is little: a loop is faster than a call.
template <typename Runs>
void copy_runs(const Runs& runs, float* to) {
  for (const auto& run : runs) {
    for (std::size_t i = 0; i < run.count; ++i) *to++ = run.from[i];
  }
}

}  // namespace

bool Graph::starts_segment(SensorNode& node, const sensors::Sample& sample) {
  const bool hole = node.gap_ns > 0 && sample.time_ns - node.last_time_ns > node.gap_ns;
  const bool starts = node.samples > 0 && (sample.starts_segment || node.broken || hole);
  node.broken = false;
  node.last_time_ns = sample.time_ns;
  ++node.samples;
  return starts;
}

void Graph::push(const sensors::Sample& sample, ModelObserver& observer) {
  SensorNode& node = sensors_[sample.sensor];
  Source& source = sources_[sample.sensor];
  if (sample.count != source.values.size()) return;  // not this sensor's layout: a driver's mistake
  ++samples_;
  std::ranges::copy(sample.row(), source.values.begin());
  ++source.updates;
  node.label.add(sample.time_ns, sample.label);
  if (starts_segment(node, sample)) start_segment(sample.sensor);
  if (!node.presses.empty()) watch_button(node, sample);
  run_clock({.time_ns = sample.time_ns, .clock = sample.sensor}, observer);
}

void Graph::finish(ModelObserver& observer) {
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    if (filters_[i].merger != nullptr) drain(i, true, observer);
  }
}

void Graph::start_segment(SourceIndex clock) {
  ++clocks_[clock].segment;
  for (const std::size_t index : clocks_[clock].filters) {
    FilterNode& node = filters_[index];
    node.starts_segment = true;
    for (MergedInput& input : node.merged) {
      input.starts_segment = input.starts_segment || input.clock == clock;
    }
  }
}

void Graph::run_clock(const Tick& tick, ModelObserver& observer) {
  const std::vector<std::size_t>& filters = clocks_[tick.clock].filters;
  sources_[tick.clock].fired = true;
  for (const std::size_t filter : filters) run_filter(filter, tick, observer);
  sources_[tick.clock].fired = false;
  for (const std::size_t filter : filters) sources_[sensors_.size() + filter].fired = false;
  for (const std::size_t filter : filters) {
    if (filters_[filter].merger != nullptr) drain(filter, false, observer);
  }
}

void Graph::merge(FilterNode& node, const Tick& tick) {
  for (std::size_t i = 0; i < node.merged.size(); ++i) {
    MergedInput& input = node.merged[i];
    if (!sources_[input.source].fired) continue;
    copy_runs(input.gather, node.row.data());
    node.merger->take({i, tick.time_ns, input.starts_segment},
                      std::span(node.row).first(input.count));
    input.starts_segment = false;
    ++node.counters.rows;
  }
}

void Graph::drain(std::size_t index, bool to_the_end, ModelObserver& observer) {
  const FilterNode& node = filters_[index];
  const SourceIndex source = sensors_.size() + index;
  while (node.merger->next(to_the_end)) {
    if (node.merger->starts_segment()) start_segment(source);
    publish(index, node.merger->time_ns(), observer);
    run_clock({.time_ns = node.merger->time_ns(), .clock = source}, observer);
  }
}

void Graph::look_at_held(FilterNode& node, TimeNs time_ns) {
  bool stale = false;
  for (HeldInput& held : node.held) {
    const std::uint64_t updates = sources_[held.source].updates;
    // Its age is told by the filter's own clock: two boards' times cannot be compared.
    if (updates != held.seen) {
      held.seen = updates;
      held.since_ns = time_ns;
      node.filter->input_is_new(held.input);
    }
    stale = stale || time_ns - held.since_ns > held.overdue_after_ns;
  }
  if (stale) ++node.counters.stale;
}

bool Graph::has_inputs(FilterNode& node) {
  std::erase_if(node.unseen, [this](SourceIndex input) { return sources_[input].updates > 0; });
  if (!node.unseen.empty()) ++node.counters.waiting;
  return node.unseen.empty();
}

void Graph::run_filter(std::size_t index, const Tick& tick, ModelObserver& observer) {
  FilterNode& node = filters_[index];
  if (node.merger != nullptr) return merge(node, tick);
  if (!sources_[node.clock].fired) return;
  if (!node.unseen.empty() && !has_inputs(node)) return;
  if (!node.held.empty()) look_at_held(node, tick.time_ns);
  copy_runs(node.gather, node.row.data());
  const bool starts_segment = node.starts_segment;
  node.starts_segment = false;
  ++node.counters.rows;
  for (const std::size_t model : node.models) {
    models_[model].add_row(tick.time_ns, starts_segment, label_at(models_[model].spec(), tick));
  }
  if (!node.filter->update(tick.time_ns, starts_segment, node.row)) return;
  publish(index, tick.time_ns, observer);
  sources_[sensors_.size() + index].fired = true;
  run_models(node, tick, observer);
}

void Graph::publish(std::size_t index, TimeNs time_ns, ModelObserver& observer) {
  FilterNode& node = filters_[index];
  ++node.counters.outputs;
  Source& output = sources_[sensors_.size() + index];
  std::ranges::copy(node.filter->output(), output.values.begin());
  ++output.updates;
  observer.on_output(index, time_ns, output.values);
}

// A merger's rows come later than the samples they show, and so do their labels.
sensors::LabelText Graph::label_at(const ModelSpec& model, const Tick& tick) const {
  if (!model.column_from) return {};
  const LabelTrack& label = sensors_[*model.column_from].label;
  return tick.clock < sensors_.size() ? label.newest() : label.at(tick.time_ns);
}

bool Graph::may_learn(const ModelSpec& model) const {
  if (!model.learn_when) return true;
  return std::ranges::any_of(model.learn_when->any_of, [&](const auto& terms) {
    return std::ranges::all_of(terms, [&](const Condition::Term& term) {
      return holds(term, sources_[term.source].values[term.channel]);
    });
  });
}

void Graph::run_models(FilterNode& node, const Tick& tick, ModelObserver& observer) {
  for (const std::size_t model : node.models) {
    learner::Target newest;
    for (std::size_t t = 0; t < targets_[model].size(); ++t)
      learner::value_at(newest, t) = *targets_[model][t];
    models_[model].on_window(node.filter->output(), clocks_[tick.clock].segment, newest,
                             !may_learn(models_[model].spec()), observer);
  }
}

void Graph::watch_button(SensorNode& node, const sensors::Sample& sample) {
  const bool pressed = sample.count > 0 && sample.values[0] > pressed_above;
  if (pressed && !node.pressed) {
    for (const Press& press : node.presses) {
      models_[press.model].give_label(press.button.label, press.button.span);
    }
  }
  node.pressed = pressed;
}

std::size_t Graph::give_label(std::string_view label, std::chrono::nanoseconds span) {
  std::size_t takers = 0;
  for (ModelNode& model : models_) {
    const auto index = model.find_label(label);
    if (!index) continue;
    model.give_label(*index, span);
    ++takers;
  }
  return takers;
}

Relabelled Graph::relabel(std::string_view label, std::chrono::nanoseconds ago,
                          std::chrono::nanoseconds span) {
  Relabelled result;
  for (ModelNode& model : models_) {
    std::optional<std::size_t> index;
    if (!label.empty() && !(index = model.find_label(label))) continue;
    const sensors::TimeNs from_ns = model.newest_ns() - ago.count();
    result.windows += model.relabel(from_ns, from_ns + span.count(), index);
    ++result.models;
  }
  return result;
}

}  // namespace haltere::agent
