#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/health/sensor_keeper.hpp"
#include "agent/pipeline/graph.hpp"

namespace haltere::agent {

/// [{model, ago_s, seconds, guess, confidence, unknown}]: the windows of each model that a label
/// would teach most about, unsurest first.
[[nodiscard]] nlohmann::json wanted_report(const Graph& graph);

/// What a report says besides what the graph knows.
struct RunFigures {
  double seconds = 0.0;
  std::uint64_t dropped = 0;  ///< samples, in queues
  std::vector<SensorHealth> sensors;
};

/// The run so far: samples, samples_per_second, dropped, seconds, rss_kib,
/// models.<id>.prequential..., sensors.<id>..., fusion.<id>.... Pipeline thread only.
[[nodiscard]] nlohmann::json make_report(const PipelineSpec& spec, const Graph& graph,
                                         const RunFigures& figures);

/// Float and int8 answers to the windows held out, side by side.
[[nodiscard]] nlohmann::json held_out_report(const ModelNode::HeldOut& held_out);

/// Most memory this process ever held in RAM, in KiB (VmHWM); 0 if unknown.
[[nodiscard]] std::uint64_t peak_rss_kib();

/// The report as lines for a person.
[[nodiscard]] std::string report_text(const nlohmann::json& report);

}  // namespace haltere::agent
