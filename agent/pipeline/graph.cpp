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
    if (spec_->clock_sensor(input.source) == spec_->clock_sensor(node.clock)) continue;
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

Status Graph::add_filters() {
  for (std::size_t i = 0; i < spec_->filters.size(); ++i) {
    const FilterSpec& filter = spec_->filters[i];
    FilterNode& node = filters_.emplace_back();
    node.filter = filter.type->make(filter.settings, filter.input_layouts);
    if (node.filter == nullptr) {
      return Error{ErrorKind::invalid, "fusion '" + filter.id + "' cannot be built"};
    }
    connect(node, filter);
    sensors_[spec_->clock_sensor(node.clock)].filters.push_back(i);
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
  node.label = sample.label;
  if (starts_segment(node, sample)) {
    ++node.segment;
    for (const std::size_t filter : node.filters) filters_[filter].starts_segment = true;
  }
  if (!node.presses.empty()) watch_button(node, sample);
  source.fired = true;
  for (const std::size_t filter : node.filters) run_filter(filter, sample, observer);
  source.fired = false;
  for (const std::size_t filter : node.filters) sources_[sensors_.size() + filter].fired = false;
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

void Graph::run_filter(std::size_t index, const sensors::Sample& sample, ModelObserver& observer) {
  FilterNode& node = filters_[index];
  if (!sources_[node.clock].fired) return;
  for (const SourceIndex input : node.sources) {
    if (sources_[input].updates > 0) continue;
    ++node.counters.waiting;
    return;
  }
  if (!node.held.empty()) count_stale(node, sample.time_ns);
  for (std::size_t i = 0; i < node.gather.size(); ++i) node.row[i] = *node.gather[i];
  const bool starts_segment = node.starts_segment;
  node.starts_segment = false;
  ++node.counters.rows;
  for (const std::size_t model : node.models) {
    const auto& column = models_[model].spec().column_from;
    models_[model].add_row(sample.time_ns, starts_segment,
                           column ? sensors_[*column].label : sensors::LabelText{});
  }
  if (!node.filter->update(sample.time_ns, starts_segment, node.row)) return;
  ++node.counters.outputs;
  Source& output = sources_[sensors_.size() + index];
  std::ranges::copy(node.filter->output(), output.values.begin());
  ++output.updates;
  output.fired = true;
  run_models(node, sample, observer);
}

void Graph::run_models(FilterNode& node, const sensors::Sample& sample, ModelObserver& observer) {
  const std::uint64_t segment = sensors_[sample.sensor].segment;
  for (const std::size_t model : node.models) {
    learner::Target newest;
    for (std::size_t t = 0; t < targets_[model].size(); ++t)
      learner::value_at(newest, t) = *targets_[model][t];
    models_[model].on_window(node.filter->output(), segment, newest, observer);
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
