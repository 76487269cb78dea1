#include "agent/pipeline/replay_run.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/report.hpp"
#include "agent/pipeline/spec_parts.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/checkpoint.hpp"
#include "sensors/columns.hpp"
#include "sensors/replay.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;
using sensors::Recording;
using sensors::Sample;

struct Input {
  std::size_t sensor = 0;
  Recording recording;
  Sample next;
  bool ended = false;
};

Result<Input> open_input(const PipelineSpec& spec, const ReplayInput& input) {
  const SensorSpec& sensor = spec.sensors[input.sensor];
  std::vector<config::Diagnostic> none;
  const auto columns = sensor.settings.has("columns")
                           ? sensors::parse_columns(sensor.settings, none)
                           : sensors::columns_of(sensor.layout);
  auto recording = Recording::open(input.path, columns, sensor.layout.rate_hz);
  if (!recording) return recording.error();
  return Input{.sensor = input.sensor,
               .recording = std::move(recording).value(),
               .next = {},
               .ended = false};
}

Status advance(Input& input) {
  const auto found = input.recording.next(input.next);
  if (!found) return found.error();
  input.ended = !*found;
  input.next.sensor = static_cast<std::uint16_t>(input.sensor);
  return {};
}

// The input whose next sample is the oldest; the first one of equals. nullptr at the end of all.
Input* oldest(std::vector<Input>& inputs) {
  Input* chosen = nullptr;
  for (Input& input : inputs) {
    if (input.ended) continue;
    if (chosen == nullptr || input.next.time_ns < chosen->next.time_ns) chosen = &input;
  }
  return chosen;
}

class ReplayObserver final : public ModelObserver {
 public:
  ReplayObserver(const Graph& graph, RunFiles& files, const std::string& state)
      : graph_(graph), files_(files), state_(state) {}

  void on_window(const WindowEvent& event) override { files_.on_window(graph_, event); }
  void on_promotion(std::size_t model, std::span<const std::uint8_t> bundle) override {
    const learner::Promotion& promotion = graph_.models()[model].promotion();
    if (state_.empty() || promotion.deployed() == nullptr) return;
    const auto path =
        bundle_path(state_, graph_.models()[model].spec().id, promotion.deployed()->view().version);
    if (Status written = write_file_atomically(path, bundle); !written) failure_ = written;
  }
  [[nodiscard]] const Status& failure() const { return failure_; }

 private:
  const Graph& graph_;
  RunFiles& files_;
  const std::string& state_;
  Status failure_;
};

Status pump(std::vector<Input>& inputs, Graph& graph, ModelObserver& observer) {
  for (Input& input : inputs) {
    if (Status advanced = advance(input); !advanced) return advanced;
  }
  while (Input* input = oldest(inputs)) {
    graph.push(input->next, observer);
    if (Status advanced = advance(*input); !advanced) return advanced;
  }
  return {};
}

json report_of(const PipelineSpec& spec, Graph& graph, const std::vector<Input>& inputs,
               double seconds) {
  RunFigures figures{.seconds = seconds, .dropped = 0, .sensors = {}};
  figures.sensors.resize(spec.sensors.size());
  for (const Input& input : inputs) {
    SensorHealth& sensor = figures.sensors[input.sensor];
    sensor.counters = input.recording.counters();
    sensor.last_fault = input.recording.last_rejection();
  }
  json report = make_report(spec, graph, figures);
  for (ModelNode& node : graph.models()) {
    if (auto held_out = node.test_held_out()) {
      report["models"][node.spec().id]["held_out"] = held_out_report(*held_out);
    }
  }
  return report;
}

Status resume_all(Graph& graph, const std::string& state) {
  if (state.empty()) return {};
  for (ModelNode& node : graph.models()) {
    if (const auto resumed = resume_model(state, node); !resumed) return resumed.error();
  }
  return {};
}

Status save_all(const Graph& graph, const std::string& state) {
  if (state.empty()) return {};
  for (const ModelNode& node : graph.models()) {
    if (Status saved = save_model(state, node); !saved) return saved;
  }
  return {};
}

}  // namespace

Result<std::vector<ReplayInput>> parse_inputs(const PipelineSpec& spec,
                                              const std::vector<std::string>& inputs) {
  std::vector<ReplayInput> parsed;
  for (const std::string& text : inputs) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size()) {
      return Error{ErrorKind::invalid, "--input '" + text + "': write SENSOR=FILE.csv"};
    }
    const std::string id = text.substr(0, equals);
    const std::size_t sensor = index_of(spec.sensors, id);
    if (sensor == spec.sensors.size()) {
      std::vector<std::string_view> known;
      for (const SensorSpec& candidate : spec.sensors) known.emplace_back(candidate.id);
      return Error{ErrorKind::invalid, "--input: '" + id + "' is not a sensor of the pipeline" +
                                           config::suggestion(id, known)};
    }
    if (std::ranges::count(parsed, sensor, &ReplayInput::sensor) > 0) {
      return Error{ErrorKind::invalid, "--input: '" + id + "' is given twice"};
    }
    parsed.push_back({.sensor = sensor, .path = text.substr(equals + 1)});
  }
  return parsed;
}

Result<json> replay(const PipelineSpec& spec, const ReplayOptions& options) {
  auto graph = Graph::create(spec, options.learn);
  if (!graph) return graph.error();
  if (Status resumed = resume_all(*graph, options.state); !resumed) return resumed.error();
  auto files = RunFiles::open(options.files, *graph);
  if (!files) return files.error();
  std::vector<Input> inputs;
  for (const ReplayInput& input : options.inputs) {
    auto opened = open_input(spec, input);
    if (!opened) return opened.error();
    inputs.push_back(std::move(opened).value());
  }
  ReplayObserver observer(*graph, *files, options.state);
  const auto start = std::chrono::steady_clock::now();
  if (Status pumped = pump(inputs, *graph, observer); !pumped) return pumped.error();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (!observer.failure()) return observer.failure().error();
  if (Status finished = files->finish(*graph); !finished) return finished.error();
  if (Status saved = save_all(*graph, options.state); !saved) return saved.error();
  return report_of(spec, *graph, inputs, elapsed.count());
}

}  // namespace haltere::agent
