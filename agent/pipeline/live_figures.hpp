#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "agent/deploy/mcu_worker.hpp"
#include "agent/pipeline/bus_thread.hpp"
#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/spec.hpp"
#include "agent/pipeline/status_line.hpp"

namespace haltere::agent {

using BusThreads = std::span<const std::unique_ptr<BusThread>>;

/// Samples that were dropped in the queues.
[[nodiscard]] std::uint64_t dropped_samples(BusThreads buses);

/// How each sensor of `spec` is, in their order.
[[nodiscard]] std::vector<SensorHealth> sensor_health(const PipelineSpec& spec, BusThreads buses);

/// The report's `mcus`: what `mcus`, in the order of `spec`, say of themselves.
[[nodiscard]] nlohmann::json mcu_report(const PipelineSpec& spec,
                                        std::span<const McuSnapshot> mcus);

/// What the live line shows. Pipeline thread only.
[[nodiscard]] StatusFigures status_figures(const Graph& graph, BusThreads buses,
                                           std::span<const McuSnapshot> mcus);

}  // namespace haltere::agent
