#include "agent/pipeline/live_figures.hpp"

#include "agent/deploy/mcu_text.hpp"
#include "agent/pipeline/teacher_report.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

StatusFigures::Model model_figures(const ModelNode& model) {
  StatusFigures::Model figures{.id = model.spec().id,
                               .windows = model.counters().windows,
                               .learned = model.model().counters().learned,
                               .accuracy = {},
                               .teacher = {}};
  const auto teacher = model.model().teacher();
  if (teacher) figures.teacher = teacher_text(teacher_json(*teacher, model.spec().settings.task));
  if (model.spec().settings.task == learner::Task::classify) {
    figures.accuracy = model.model().class_metrics().all().accuracy();
  }
  return figures;
}

/// As the model that `mcu` runs calls an answer; "unknown" below 0.
std::string verdict_name(const PipelineSpec& spec, const McuSpec& mcu, int verdict) {
  const auto& labels = spec.models[mcu.model].settings.labels;
  if (verdict < 0) return "unknown";
  const auto index = static_cast<std::size_t>(verdict);
  return index < labels.size() ? labels[index] : std::to_string(verdict);
}

double asleep_share(const link::StatisticsReply& counts) {
  if (counts.ticks == 0) return 0.0;
  return static_cast<double>(counts.asleep_ticks) / static_cast<double>(counts.ticks);
}

json own_sensor_report(const PipelineSpec& spec, const McuSpec& mcu,
                       const OwnSensorFigures& figures) {
  const auto name = [&](int verdict) { return verdict_name(spec, mcu, verdict); };
  json changes = json::array();
  for (const McuDecision& change : figures.last_changes) {
    changes.push_back({{"decision", name(change.decision)},
                       {"before", name(change.before)},
                       {"sample", change.sample},
                       {"score", change.score},
                       {"model_version", change.model_version}});
  }
  const McuStatistics& statistics = figures.statistics;
  json histogram = json::object();
  for (std::size_t i = 0; i < statistics.histogram.size(); ++i) {
    const bool last = i + 1 == statistics.histogram.size();
    histogram[name(last ? -1 : static_cast<int>(i))] = statistics.histogram[i];
  }
  return {{"streams", figures.streams},
          {"infers_by_itself", figures.watch.blocked == link::Blocked::none},
          {"why_not", why_blocked(figures.watch)},
          {"decision", name(statistics.counts.decision)},
          {"windows", statistics.counts.windows},
          {"histogram", histogram},
          {"mean_score", statistics.counts.mean_score},
          {"samples", statistics.counts.samples},
          {"lost_samples", statistics.counts.lost_samples},
          {"asleep_share", asleep_share(statistics.counts)},
          {"changes", figures.changes},
          {"last_changes", changes},
          {"compared", figures.compared},
          {"agreed", figures.agreed}};
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
    if (mcu.own_sensor) {
      figures["own_sensor"] = own_sensor_report(spec, spec.mcus[i], *mcu.own_sensor);
    }
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
