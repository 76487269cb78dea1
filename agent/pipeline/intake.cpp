#include "agent/pipeline/intake.hpp"

#include <algorithm>

#include "agent/pipeline/live_parts.hpp"

namespace haltere::agent {
namespace {

void push(const TimeOrder::Entry& entry, Graph& graph, ModelObserver& observer) {
  if (entry.after_drop) graph.break_segment(entry.sample.sensor);
  graph.push(entry.sample, observer);
}

}  // namespace

Intake::Intake(const PipelineSpec& spec, const std::shared_ptr<sensors::Buses>& buses,
               const sensors::Doorbell& pipeline)
    : buses_(make_bus_threads(spec, buses, pipeline)) {
  if (spec.sensors.size() > 1 && spec.merge_wait.count() > 0) {
    order_.emplace(spec.sensors.size(), spec.queue_samples, spec.merge_wait);
  }
}

void Intake::start() {
  for (const auto& bus : buses_) bus->start();
}

void Intake::stop() {
  for (const auto& bus : buses_) bus->stop();
}

bool Intake::drain(Graph& graph, ModelObserver& observer) {
  bool more = false;
  for (const auto& bus : buses_) more = drain_queue(*bus, graph, observer) || more;
  TimeOrder::Entry entry;
  while (order_ && order_->next(entry, TimeOrder::Clock::now())) push(entry, graph, observer);
  return more;
}

void Intake::finish(Graph& graph, ModelObserver& observer) {
  stop();
  while (drain(graph, observer)) {
  }
  TimeOrder::Entry entry;
  while (order_ && order_->next_anyway(entry)) push(entry, graph, observer);
  graph.finish(observer);
}

// At most what fits, so that a flood on one bus does not silence the others. True if there is more.
bool Intake::drain_queue(BusThread& bus, Graph& graph, ModelObserver& observer) {
  sensors::Sample sample;
  for (std::size_t left = bus.queue().capacity(); left > 0; --left) {
    bool after_drop = false;
    if (!bus.queue().pop(sample, after_drop)) return false;
    if (after_drop) note_drop(bus, graph);
    take(sample, graph, observer);
  }
  return true;
}

void Intake::note_drop(const BusThread& bus, Graph& graph) {
  for (const auto& keeper : bus.keepers()) {
    if (order_) {
      order_->note_drop(keeper->index());
    } else {
      graph.break_segment(keeper->index());
    }
  }
}

void Intake::take(const sensors::Sample& sample, Graph& graph, ModelObserver& observer) {
  if (!order_) return graph.push(sample, observer);
  TimeOrder::Entry entry;
  while (order_->is_full(sample.sensor) && order_->next_anyway(entry)) {
    push(entry, graph, observer);
  }
  order_->add(sample, TimeOrder::Clock::now());
}

std::chrono::milliseconds Intake::idle_time(std::chrono::milliseconds longest) const {
  const auto due = order_ ? order_->due() : std::nullopt;
  if (!due) return longest;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - TimeOrder::Clock::now());
  return std::clamp(left, std::chrono::milliseconds(0), longest);
}

}  // namespace haltere::agent
