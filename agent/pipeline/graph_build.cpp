// How the graph is put together.
#include <algorithm>
#include <limits>

#include "agent/pipeline/graph.hpp"

namespace haltere::agent {
namespace {

using sensors::TimeNs;

constexpr double ns_per_s = 1e9;
constexpr double gap_periods = 5.0;
constexpr double shortest_gap_s = 0.25;
constexpr double stale_periods = 3.0;
constexpr double stale_without_rate_s = 1.0;

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

/// Appends where the values of `input` lie; returns how many there are.
std::size_t Graph::add_runs(const StreamRef& input, std::vector<Run>& runs) const {
  for (const std::size_t channel : input.channels) {
    const float* value = &sources_[input.source].values[channel];
    const bool goes_on =
        channel > 0 && !runs.empty() && runs.back().from + runs.back().count == value;
    if (goes_on) {
      ++runs.back().count;
    } else {
      runs.push_back({.from = value, .count = 1});
    }
  }
  return input.channels.size();
}

void Graph::connect(FilterNode& node, const FilterSpec& filter) {
  node.clock = filter.inputs.front().source;
  std::size_t values = 0;
  for (std::size_t i = 0; i < filter.inputs.size(); ++i) {
    const StreamRef& input = filter.inputs[i];
    node.unseen.push_back(input.source);
    values += add_runs(input, node.gather);
    if (spec_->clock_of(input.source) == spec_->clock_of(node.clock)) continue;
    const double rate_hz = spec_->layout(input.source).rate_hz;
    node.held.push_back(
        {.input = i,
         .source = input.source,
         .seen = 0,
         .since_ns = 0,
         .overdue_after_ns = rate_hz > 0.0 ? periods_ns(stale_periods, rate_hz)
                                           : static_cast<TimeNs>(stale_without_rate_s * ns_per_s)});
  }
  node.row.resize(values);
}

void Graph::connect_merger(FilterNode& node, const FilterSpec& filter, std::size_t index) {
  for (const StreamRef& input : filter.inputs) {
    const SourceIndex clock = spec_->clock_of(input.source);
    MergedInput& merged = node.merged.emplace_back();
    merged.source = input.source;
    merged.clock = clock;
    merged.count = add_runs(input, merged.gather);
    node.row.resize(std::max(node.row.size(), merged.count));
    std::vector<std::size_t>& runs = clocks_[clock].filters;
    if (runs.empty() || runs.back() != index) runs.push_back(index);
  }
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

}  // namespace haltere::agent
