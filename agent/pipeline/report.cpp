#include "agent/pipeline/report.hpp"

#include <spdlog/fmt/fmt.h>

#include <fstream>

#include "agent/pipeline/teacher_report.hpp"
#include "config/json.hpp"
#include "config/text.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

constexpr std::size_t most_wanted = 8;

double seconds_of(sensors::TimeNs duration_ns) { return static_cast<double>(duration_ns) * 1e-9; }

// Sums of ones are kept as doubles.
std::uint64_t whole(double count) { return static_cast<std::uint64_t>(count); }

/// Over the newest rows, counted alike or fading: the model beside the answers that need none.
json part_report(const learner::ClassFigures& figures) {
  return {{"accuracy", figures.answers.accuracy()},
          {"kappa", figures.answers.kappa()},
          {"macro_f1", figures.answers.macro_f1()},
          {"calibration_error", figures.calibration.error()},
          {"no_change_accuracy", figures.no_change.accuracy()},
          {"no_change_kappa", figures.no_change.kappa()},
          {"majority_accuracy", figures.majority.accuracy()},
          {"majority_kappa", figures.majority.kappa()}};
}

json class_report(const ModelNode& node) {
  const learner::ClassMetrics& metrics = node.model().class_metrics();
  const learner::Confusion& all = metrics.all();
  json per_class = json::object();
  for (std::size_t label = 0; label < all.classes(); ++label) {
    double windows = 0.0;
    for (std::size_t answer = 0; answer < all.classes(); ++answer)
      windows += all.count(label, answer);
    per_class[node.model().settings().labels[label]] = {{"recall", all.recall(label)},
                                                        {"windows", whole(windows)}};
  }
  return {{"accuracy", all.accuracy()},
          {"second_half_accuracy", node.history().second_half()},
          {"recent_accuracy", metrics.recent().accuracy()},
          {"kappa", all.kappa()},
          {"macro_f1", all.macro_f1()},
          {"windows", whole(all.total())},
          {"no_change_accuracy", metrics.no_change_accuracy()},
          {"majority_accuracy", metrics.majority_accuracy()},
          {"no_change_kappa", metrics.all_figures().no_change.kappa()},
          {"majority_kappa", metrics.all_figures().majority.kappa()},
          {"calibration_error", metrics.all_figures().calibration.error()},
          {"fading", part_report(metrics.recent_figures())},
          {"window", part_report(metrics.window_figures())},
          {"per_class", per_class}};
}

json prequential_report(const ModelNode& node) {
  switch (node.spec().settings.task) {
    case learner::Task::classify: return class_report(node);
    case learner::Task::regress: {
      const learner::ErrorSums& all = node.model().regression_metrics().all();
      const learner::RegressionMetrics& metrics = node.model().regression_metrics();
      return {{"mae", all.mae()},
              {"rmse", all.rmse()},
              {"r2", all.r2()},
              {"windows", whole(all.count())},
              {"no_change_mae", metrics.no_change().mae()},
              {"mean_mae", metrics.all_figures().mean.mae()},
              {"recent_mae", metrics.recent().mae()},
              {"window_mae", metrics.window_figures().answers.mae()}};
    }
    case learner::Task::anomaly: break;
  }
  return {{"abnormal", node.model().abnormal_rows()},
          {"guarded", node.model().counters().guarded},
          {"windows", node.model().counters().predicted}};
}

json drift_report(const ModelNode& node) {
  const learner::DriftWatch& watch = node.model().drift();
  json events = json::array();
  for (const learner::DriftEvent& event : watch.events()) {
    events.push_back({{"window", event.row},
                      {"level", learner::to_string(event.level)},
                      {"input", event.input}});
  }
  return {{"detector", learner::to_string(watch.settings().detector)},
          {"reaction", learner::to_string(watch.settings().reaction)},
          {"drifts", watch.drifts()},
          {"warnings", watch.warnings()},
          {"events", events}};
}

/// Where layers or rate were left to the stream: what was tried, the one chosen first.
json tried_report(const learner::OnlineModel& model) {
  json tried = json::array();
  for (const learner::OnlineModel::Tried& one : model.tried())
    tried.push_back({{"layers", one.layers},
                     {"rate", config::as_written(one.rate)},
                     {"loss", one.loss},
                     {"windows", one.rows},
                     {"alive", one.alive}});
  return tried;
}

json model_report(const ModelNode& node) {
  const ModelCounters& counters = node.counters();
  const learner::LearnCounters& learning = node.model().counters();
  json report = {{"prequential", prequential_report(node)},
                 {"drift", drift_report(node)},
                 {"windows", counters.windows},
                 {"labelled", counters.labelled},
                 {"mixed", counters.mixed},
                 {"gated", counters.gated},
                 {"unknown_labels", counters.unknown_labels},
                 {"learned", learning.learned},
                 {"late", counters.late},
                 {"corrected", counters.corrected},
                 {"withdrawn", counters.withdrawn},
                 {"unknown", learning.unknown},
                 {"guessed", learning.guessed},
                 {"rolled_back", learning.rolled_back},
                 {"replaced", learning.replaced},
                 {"rejected", learning.rejected},
                 {"promoted", node.promotion().promoted()},
                 {"discarded", node.promotion().discarded()},
                 {"failed_candidates", counters.failed_candidates}};
  if (!node.model().tried().empty()) report["tried"] = tried_report(node.model());
  if (const auto teacher = node.model().teacher())
    report["teacher"] = teacher_json(*teacher, node.spec().settings.task);
  if (const models::Int8Model* deployed = node.promotion().deployed()) {
    report["version"] = deployed->view().version;
  }
  return report;
}

json sensor_report(const SensorHealth& figures) {
  return {{"samples", figures.counters.samples}, {"rejected", figures.counters.rejected},
          {"lost", figures.counters.lost},       {"reopened", figures.reopened},
          {"connected", figures.connected},      {"last_fault", figures.last_fault}};
}

json filter_report(const FilterCounters& counters) {
  return {{"rows", counters.rows},
          {"waiting", counters.waiting},
          {"stale", counters.stale},
          {"outputs", counters.outputs}};
}

// Of a filter that merges clocks: what became of each stream's samples.
json streams_report(const FilterSpec& filter, const Graph& graph, std::size_t index) {
  json report = json::object();
  const auto inputs = filter.type->inputs(filter.settings);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const fusion::AlignCounts& counts = graph.merger(index)->counts(i);
    report[inputs[i].name] = {{"samples", counts.samples},
                              {"late", counts.late},
                              {"refused", counts.refused},
                              {"crowded", counts.crowded},
                              {"gap_rows", counts.gap_rows}};
  }
  return report;
}

std::string percent(const json& share) {
  return fmt::format("{:.1f} %", 100.0 * share.get<double>());
}

std::string decimal(const json& value) { return fmt::format("{:.4g}", value.get<double>()); }

std::string prequential_text(const json& prequential) {
  if (prequential.contains("accuracy")) {
    return "accuracy " + percent(prequential["accuracy"]) + " (second half " +
           percent(prequential["second_half_accuracy"]) + "), kappa " +
           decimal(prequential["kappa"]) + ", macro F1 " + decimal(prequential["macro_f1"]);
  }
  if (prequential.contains("mae")) {
    return "mean absolute error " + decimal(prequential["mae"]) + ", r2 " +
           decimal(prequential["r2"]);
  }
  return prequential["abnormal"].dump() + " abnormal";
}

std::string model_text(const std::string& id, const json& model) {
  std::string text =
      "model " + id + ": " + model["windows"].dump() + " windows, " + model["labelled"].dump() +
      " labelled, " + model["learned"].dump() +
      " learned\n  predicted before learning: " + prequential_text(model["prequential"]) + "\n";
  if (model.contains("teacher")) text += "  teacher: " + teacher_text(model["teacher"]) + "\n";
  if (model.contains("held_out")) {
    const json& held_out = model["held_out"];
    text += "  held out (" + held_out["windows"].dump() + " windows): float " +
            percent(held_out["float"]["accuracy"]) + ", int8 " +
            percent(held_out["int8"]["accuracy"]) + "; macro F1 " +
            decimal(held_out["float"]["macro_f1"]) + ", " + decimal(held_out["int8"]["macro_f1"]) +
            "\n";
  }
  return text;
}

std::string sensor_text(const std::string& id, const json& sensor, bool live) {
  const bool gone = live && !sensor["connected"].get<bool>();
  if (!gone && sensor["rejected"] == 0 && sensor["lost"] == 0) return {};
  const auto fault = sensor["last_fault"].get<std::string>();
  return "sensor " + id + ": " + (gone ? "not connected, " : "") + sensor["rejected"].dump() +
         " rejected, " + sensor["lost"].dump() + " lost" +
         (fault.empty() ? "" : "; last: " + fault) + "\n";
}

std::string own_sensor_text(const json& own) {
  const auto why_not = own["why_not"].get<std::string>();
  if (!why_not.empty()) return "; its own sensor: " + why_not;
  return "; by its own sensor: " + own["decision"].get<std::string>() + ", " +
         own["windows"].dump() + " windows, " + own["changes"].dump() + " changes seen";
}

std::string mcu_text(const std::string& id, const json& mcu) {
  std::string text = "mcu " + id + ": " + (mcu["connected"].get<bool>() ? "" : "not connected, ");
  text += mcu["model_version"] == 0 ? "no model" : "model v" + mcu["model_version"].dump();
  text += ", " + mcu["inferences"].dump() + " inferences";
  if (mcu.contains("agreement")) text += ", agreement " + percent(mcu["agreement"]);
  if (mcu.contains("own_sensor")) text += own_sensor_text(mcu["own_sensor"]);
  const auto error = mcu["last_error"].get<std::string>();
  return text + (error.empty() ? "" : "; last: " + error) + "\n";
}

}  // namespace

std::uint64_t peak_rss_kib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  std::uint64_t kib = 0;
  while (status >> word) {
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

json held_out_report(const ModelNode::HeldOut& held_out) {
  const auto figures = [](const learner::Confusion& answers) {
    return json{{"accuracy", answers.accuracy()}, {"macro_f1", answers.macro_f1()}};
  };
  return {{"windows", whole(held_out.float_answers.total())},
          {"float", figures(held_out.float_answers)},
          {"int8", figures(held_out.int8_answers)}};
}

json wanted_report(const Graph& graph) {
  json all = json::array();
  for (const ModelNode& node : graph.models())
    for (const WantedLabel& wanted : node.wanted_labels(most_wanted))
      all.push_back(
          {{"model", node.spec().id},
           {"ago_s", seconds_of(node.newest_ns() - wanted.from_ns)},
           {"seconds", seconds_of(wanted.until_ns - wanted.from_ns)},
           {"guess", node.model().settings().labels[static_cast<std::size_t>(wanted.guess)]},
           {"confidence", wanted.confidence},
           {"unknown", wanted.unknown}});
  return all;
}

json make_report(const PipelineSpec& spec, const Graph& graph, const RunFigures& figures) {
  json report = {{"agent", spec.name},         {"samples", graph.samples()},
                 {"dropped", figures.dropped}, {"seconds", figures.seconds},
                 {"rss_kib", peak_rss_kib()},  {"models", json::object()},
                 {"sensors", json::object()},  {"fusion", json::object()}};
  if (figures.seconds > 0.0) {
    report["samples_per_second"] = static_cast<double>(graph.samples()) / figures.seconds;
  }
  for (const ModelNode& node : graph.models())
    report["models"][node.spec().id] = model_report(node);
  for (std::size_t i = 0; i < figures.sensors.size(); ++i) {
    report["sensors"][spec.sensors[i].id] = sensor_report(figures.sensors[i]);
  }
  for (std::size_t i = 0; i < spec.filters.size(); ++i) {
    json& filter = report["fusion"][spec.filters[i].id];
    filter = filter_report(graph.filter_counters(i));
    if (graph.merger(i) != nullptr) filter["streams"] = streams_report(spec.filters[i], graph, i);
  }
  return report;
}

std::string report_text(const json& report) {
  std::string text = report["samples"].dump() + " samples in " + decimal(report["seconds"]) + " s";
  if (report.contains("samples_per_second")) {
    text += " (" + decimal(report["samples_per_second"]) + "/s)";
  }
  text += ", " + report["dropped"].dump() + " dropped\n";
  // A recording is not connected to anything.
  const bool live = report.contains("mcus");
  for (const auto& [id, sensor] : report["sensors"].items()) text += sensor_text(id, sensor, live);
  for (const auto& [id, model] : report["models"].items()) text += model_text(id, model);
  if (!live) return text;
  for (const auto& [id, mcu] : report["mcus"].items()) text += mcu_text(id, mcu);
  if (!report["state_saved"].get<bool>()) text += "what was learned could not be saved\n";
  return text;
}

}  // namespace haltere::agent
