#include "agent/pipeline/graph.hpp"

#include <algorithm>
#include <limits>

namespace haltere::agent {
namespace {

using sensors::TimeNs;

constexpr double ns_per_s = 1e9;
constexpr double gap_periods = 5.0;
constexpr double shortest_gap_s = 0.25;
constexpr double stale_periods = 3.0;
constexpr double stale_without_rate_s = 1.0;
constexpr float pressed_above = 0.5F;

TimeNs periods_ns(double periods, double rate_hz) {
  return static_cast<TimeNs>(periods / rate_hz * ns_per_s);
}

}  // namespace

Graph::Graph(const PipelineSpec& spec) : spec_(&spec) {}

Result<Graph> Graph::create(const PipelineSpec& spec, LearnOptions options) {
  Graph graph(spec);
  graph.add_sensors();
  if (Status added = graph.add_filters(); !added) return added.error();
  if (Status added = graph.add_models(options); !added) return added.error();
  return graph;
}

void Graph::add_sensors() {
  sources_.resize(spec_->sensors.size() + spec_->filters.size());
  clocks_.resize(sources_.size());
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    // No value yet is NaN, should anybody look.
    sources_[i].values.assign(spec_->layout(i).channels.size(),
                              std::numeric_limits<float>::quiet_NaN());
  }
  for (const SensorSpec& sensor : spec_->sensors) {
    SensorNode& node = sensors_.emplace_back();
    node.rate_hz = sensor.layout.rate_hz;
    if (node.rate_hz <= 0.0) continue;
    node.gap_ns = std::max(periods_ns(gap_periods, node.rate_hz),
                           static_cast<TimeNs>(shortest_gap_s * ns_per_s));
  }
}

void Graph::connect(FilterNode& node, const FilterSpec& filter) {
  node.clock = filter.inputs.front().source;
  for (const StreamRef& input : filter.inputs) {
    node.sources.push_back(input.source);
    for (const std::size_t channel : input.channels) {
      node.gather.push_back(&sources_[input.source].values[channel]);
    }
    if (spec_->clock_of(input.source) == spec_->clock_of(node.clock)) continue;
    const double rate_hz = spec_->layout(input.source).rate_hz;
    node.held.push_back(
        {.source = input.source,
         .seen = 0,
         .since_ns = 0,
         .overdue_after_ns = rate_hz > 0.0 ? periods_ns(stale_periods, rate_hz)
                                           : static_cast<TimeNs>(stale_without_rate_s * ns_per_s)});
  }
  node.row.resize(node.gather.size());
}

void Graph::connect_merger(FilterNode& node, const FilterSpec& filter, std::size_t index) {
  for (const StreamRef& input : filter.inputs) {
    const SourceIndex clock = spec_->clock_of(input.source);
    node.merged.push_back({.source = input.source,
                           .clock = clock,
                           .first = node.gather.size(),
                           .count = input.channels.size()});
    for (const std::size_t channel : input.channels) {
      node.gather.push_back(&sources_[input.source].values[channel]);
    }
    std::vector<std::size_t>& runs = clocks_[clock].filters;
    if (runs.empty() || runs.back() != index) runs.push_back(index);
  }
  node.row.resize(node.gather.size());
}

Status Graph::add_filters() {
  for (std::size_t i = 0; i < spec_->filters.size(); ++i) {
    const FilterSpec& filter = spec_->filters[i];
    FilterNode& node = filters_.emplace_back();
    node.filter = filter.type->make(filter.settings, filter.input_layouts);
    if (node.filter == nullptr) {
      return Error{ErrorKind::invalid, "fusion '" + filter.id + "' cannot be built"};
    }
    node.merger = node.filter->merger();
    if (node.merger != nullptr) {
      connect_merger(node, filter, i);
      continue;
    }
    connect(node, filter);
    clocks_[spec_->clock_of(node.clock)].filters.push_back(i);
  }
  return {};
}

Status Graph::add_models(LearnOptions options) {
  for (std::size_t i = 0; i < spec_->models.size(); ++i) {
    const ModelSpec& model = spec_->models[i];
    FilterNode& window = filters_[model.filter];
    auto node = ModelNode::create(model, i, window.filter->recipe(), options);
    if (!node) return node.error();
    models_.push_back(std::move(node).value());
    window.models.push_back(i);
    for (const ButtonSpec& button : model.buttons) {
      sensors_[button.sensor].presses.push_back({.model = i, .button = button});
    }
    std::vector<const float*>& targets = targets_.emplace_back();
    for (const StreamRef& target : model.targets)
      targets.push_back(&sources_[target.source].values[target.channels.front()]);
  }
  return {};
}

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
    const std::span<float> row = std::span(node.row).subspan(input.first, input.count);
    for (std::size_t k = 0; k < row.size(); ++k) row[k] = *node.gather[input.first + k];
    node.merger->take({i, tick.time_ns, input.starts_segment}, row);
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

void Graph::count_stale(FilterNode& node, TimeNs time_ns) {
  bool stale = false;
  for (HeldInput& held : node.held) {
    const std::uint64_t updates = sources_[held.source].updates;
    // Its age is told by the filter's own clock: two boards' times cannot be compared.
    if (updates != held.seen) {
      held.seen = updates;
      held.since_ns = time_ns;
    }
    stale = stale || time_ns - held.since_ns > held.overdue_after_ns;
  }
  if (stale) ++node.counters.stale;
}

void Graph::run_filter(std::size_t index, const Tick& tick, ModelObserver& observer) {
  FilterNode& node = filters_[index];
  if (node.merger != nullptr) return merge(node, tick);
  if (!sources_[node.clock].fired) return;
  for (const SourceIndex input : node.sources) {
    if (sources_[input].updates > 0) continue;
    ++node.counters.waiting;
    return;
  }
  if (!node.held.empty()) count_stale(node, tick.time_ns);
  for (std::size_t i = 0; i < node.gather.size(); ++i) node.row[i] = *node.gather[i];
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
