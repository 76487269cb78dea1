#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "agent/pipeline/bus_thread.hpp"
#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/spec.hpp"
#include "agent/pipeline/time_order.hpp"
#include "sensors/buses.hpp"
#include "sensors/doorbell.hpp"

namespace haltere::agent {

/// Where samples enter the pipeline: the bus threads, their queues, and the order in which the
/// graph takes what they hold. Pipeline thread.
class Intake {
 public:
  /// `spec` and `pipeline`, which is rung when samples are there, must live longer. Opens nothing.
  Intake(const PipelineSpec& spec, const std::shared_ptr<sensors::Buses>& buses,
         const sensors::Doorbell& pipeline);

  void start();
  void stop();

  /// Puts what may go by now into `graph`; true if there is more already.
  bool drain(Graph& graph, ModelObserver& observer);

  /// Stops and puts all that was read into `graph`.
  void finish(Graph& graph, ModelObserver& observer);

  /// Time until `drain` has something to do that nobody rings for, at most `longest`.
  [[nodiscard]] std::chrono::milliseconds idle_time(std::chrono::milliseconds longest) const;

  [[nodiscard]] std::span<const std::unique_ptr<BusThread>> buses() const { return buses_; }

 private:
  bool drain_queue(BusThread& bus, Graph& graph, ModelObserver& observer);
  void note_drop(const BusThread& bus, Graph& graph);
  void take(const sensors::Sample& sample, Graph& graph, ModelObserver& observer);

  std::vector<std::unique_ptr<BusThread>> buses_;
  std::optional<TimeOrder> order_;  ///< with several sensors
};

}  // namespace haltere::agent
