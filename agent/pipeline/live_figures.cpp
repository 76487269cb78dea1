#include "agent/pipeline/live_figures.hpp"

#include <nlohmann/json.hpp>

#include "agent/deploy/mcu_text.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

StatusFigures::Model model_figures(const ModelNode& model) {
  StatusFigures::Model figures{.id = model.spec().id,
                               .windows = model.counters().windows,
                               .learned = model.model().counters().learned,
                               .accuracy = {}};
  if (model.spec().settings.task == learner::Task::classify) {
    figures.accuracy = model.model().class_metrics().all().accuracy();
  }
  return figures;
}

}  // namespace

std::uint64_t dropped_samples(BusThreads buses) {
  std::uint64_t dropped = 0;
  for (const auto& bus : buses) dropped += bus->queue().dropped();
  return dropped;
}

std::vector<SensorHealth> sensor_health(const PipelineSpec& spec, BusThreads buses) {
  std::vector<SensorHealth> health(spec.sensors.size());
  for (const auto& bus : buses) {
    for (const auto& keeper : bus->keepers()) health[keeper->index()] = keeper->health();
  }
  return health;
}

json mcu_report(const PipelineSpec& spec, std::span<const McuSnapshot> mcus) {
  json report = json::object();
  for (std::size_t i = 0; i < mcus.size(); ++i) {
    const McuSnapshot& mcu = mcus[i];
    json figures = {{"connected", mcu.connected},
                    {"core", mcu.core},
                    {"firmware_version", mcu.firmware_version},
                    {"model_version", mcu.model_version},
                    {"model_hash", format_hash(mcu.model_hash)},
                    {"inferences", mcu.inferences},
                    {"compared", mcu.compared},
                    {"agreed", mcu.agreed},
                    {"dropped_features", mcu.dropped_features},
                    {"handed_over", mcu.handed_over},
                    {"refused", mcu.refused},
                    {"reconnects", mcu.reconnects},
                    {"last_error", mcu.last_error}};
    if (const auto agreement = mcu.agreement()) figures["agreement"] = *agreement;
    report[spec.mcus[i].id] = std::move(figures);
  }
  return report;
}

StatusFigures status_figures(const Graph& graph, BusThreads buses,
                             std::span<const McuSnapshot> mcus) {
  const PipelineSpec& spec = graph.spec();
  StatusFigures figures{.samples = graph.samples(),
                        .dropped = dropped_samples(buses),
                        .models = {},
                        .mcus = {},
                        .silent = {}};
  for (const ModelNode& model : graph.models()) figures.models.push_back(model_figures(model));
  for (std::size_t i = 0; i < mcus.size(); ++i) {
    figures.mcus.push_back({.id = spec.mcus[i].id,
                            .connected = mcus[i].connected,
                            .model_version = mcus[i].model_version,
                            .agreement = mcus[i].agreement()});
  }
  const std::vector<SensorHealth> health = sensor_health(spec, buses);
  for (std::size_t i = 0; i < health.size(); ++i) {
    if (!health[i].connected) figures.silent.push_back(spec.sensors[i].id);
  }
  return figures;
}

}  // namespace haltere::agent
