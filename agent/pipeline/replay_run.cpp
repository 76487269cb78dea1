#include "agent/pipeline/replay_run.hpp"

#include <algorithm>
#include <chrono>

#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/report.hpp"
#include "agent/pipeline/spec_parts.hpp"
#include "agent/pipeline/stream_file.hpp"
#include "agent/store/atomic_file.hpp"
#include "agent/store/checkpoint.hpp"
#include "config/json.hpp"

namespace haltere::agent {
namespace {

using nlohmann::json;

class ReplayObserver final : public ModelObserver {
 public:
  ReplayObserver(const Graph& graph, RunFiles& files, const std::string& state,
                 std::vector<StreamFile> streams)
      : graph_(graph), files_(files), state_(state), streams_(std::move(streams)) {}

  void on_window(const WindowEvent& event) override { files_.on_window(graph_, event); }
  void on_promotion(std::size_t model, std::span<const std::uint8_t> bundle) override {
    const learner::Promotion& promotion = graph_.models()[model].promotion();
    if (state_.empty() || promotion.deployed() == nullptr) return;
    const auto path =
        bundle_path(state_, graph_.models()[model].spec().id, promotion.deployed()->view().version);
    if (Status written = write_file_atomically(path, bundle); !written) failure_ = written;
  }
  void on_output(std::size_t filter, sensors::TimeNs time_ns, std::span<const float> row) override {
    for (StreamFile& stream : streams_) {
      if (stream.filter() == filter) stream.add(time_ns, row);
    }
  }
  /// What went wrong, and what goes wrong when the streams' files end.
  [[nodiscard]] Status finish() {
    for (StreamFile& stream : streams_) {
      if (Status finished = stream.finish(); !finished) return finished;
    }
    return failure_;
  }

 private:
  const Graph& graph_;
  RunFiles& files_;
  const std::string& state_;
  std::vector<StreamFile> streams_;
  Status failure_;
};

json report_of(const PipelineSpec& spec, Graph& graph, const Recordings& recordings,
               double seconds) {
  RunFigures figures{.seconds = seconds, .dropped = 0, .sensors = {}};
  figures.sensors.resize(spec.sensors.size());
  for (const Recordings::Part& part : recordings.parts()) {
    SensorHealth& sensor = figures.sensors[part.sensor];
    sensor.counters = part.recording.counters();
    sensor.last_fault = part.recording.last_rejection();
  }
  json report = make_report(spec, graph, figures);
  for (ModelNode& node : graph.models()) {
    if (auto held_out = node.test_held_out()) {
      report["models"][node.spec().id]["held_out"] = held_out_report(*held_out);
    }
  }
  return report;
}

Result<std::vector<StreamFile>> open_streams(const PipelineSpec& spec,
                                             const std::vector<StreamOut>& wanted) {
  std::vector<StreamFile> streams;
  for (const StreamOut& stream : wanted) {
    auto opened = StreamFile::open(stream.path, stream.filter, spec.filters[stream.filter].output);
    if (!opened) return opened.error();
    streams.push_back(std::move(opened).value());
  }
  return streams;
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

struct Named {
  std::size_t index = 0;
  std::string path;
};

struct NamedOption {
  const char* option;
  const char* what;
};

/// ID=FILE, ID being of one of `things`.
template <typename Things>
Result<Named> parse_named(const Things& things, const NamedOption& option,
                          const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = option.option;
  if (equals == std::string::npos || equals + 1 == text.size()) {
    return Error{ErrorKind::invalid, name + " '" + text + "': write ID=FILE.csv"};
  }
  const std::string id = text.substr(0, equals);
  const std::size_t index = index_of(things, id);
  if (index < things.size()) return Named{.index = index, .path = text.substr(equals + 1)};
  std::vector<std::string_view> known;
  known.reserve(things.size());
  for (const auto& candidate : things) known.emplace_back(candidate.id);
  return Error{ErrorKind::invalid, name + ": '" + id + "' is not a " + option.what +
                                       " of the pipeline" + config::suggestion(id, known)};
}

}  // namespace

Result<std::vector<ReplayInput>> parse_inputs(const PipelineSpec& spec,
                                              const std::vector<std::string>& inputs) {
  std::vector<ReplayInput> parsed;
  for (const std::string& text : inputs) {
    const auto named = parse_named(spec.sensors, {"--input", "sensor"}, text);
    if (!named) return named.error();
    if (std::ranges::count(parsed, named->index, &ReplayInput::sensor) > 0) {
      return Error{ErrorKind::invalid,
                   "--input: '" + spec.sensors[named->index].id + "' is given twice"};
    }
    parsed.push_back({.sensor = named->index, .path = named->path});
  }
  return parsed;
}

Result<std::vector<StreamOut>> parse_streams(const PipelineSpec& spec,
                                             const std::vector<std::string>& streams) {
  std::vector<StreamOut> parsed;
  for (const std::string& text : streams) {
    const auto named = parse_named(spec.filters, {"--stream-out", "fusion"}, text);
    if (!named) return named.error();
    parsed.push_back({.filter = named->index, .path = named->path});
  }
  return parsed;
}

Result<json> replay(const PipelineSpec& spec, const ReplayOptions& options) {
  auto graph = Graph::create(spec, options.learn);
  if (!graph) return graph.error();
  if (Status resumed = resume_all(*graph, options.state); !resumed) return resumed.error();
  auto files = RunFiles::open(options.files, *graph);
  if (!files) return files.error();
  auto recordings = Recordings::open(spec, options.inputs);
  if (!recordings) return recordings.error();
  auto streams = open_streams(spec, options.streams);
  if (!streams) return streams.error();
  ReplayObserver observer(*graph, *files, options.state, std::move(streams).value());
  const auto start = std::chrono::steady_clock::now();
  if (Status pumped = pump(*recordings, *graph, observer); !pumped) return pumped.error();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (Status finished = observer.finish(); !finished) return finished.error();
  if (Status finished = files->finish(*graph); !finished) return finished.error();
  if (Status saved = save_all(*graph, options.state); !saved) return saved.error();
  return report_of(spec, *graph, *recordings, elapsed.count());
}

}  // namespace haltere::agent
