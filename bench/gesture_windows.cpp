#include "bench/gesture_windows.hpp"

#include <utility>

#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/spec.hpp"
#include "sensors/columns.hpp"
#include "sensors/replay.hpp"

namespace haltere::bench {
namespace {

/// Keeps what the first model is asked.
class Collector : public agent::ModelObserver {
 public:
  explicit Collector(GestureWindows& windows) : windows_(windows) {}

  void on_window(const agent::WindowEvent& event) override {
    if (event.model != 0 || event.label < 0) return;
    windows_.inputs = event.features.size();
    windows_.features.insert(windows_.features.end(), event.features.begin(), event.features.end());
    windows_.labels.push_back(event.label);
  }
  void on_promotion(std::size_t /*model*/, std::span<const std::uint8_t> /*bundle*/) override {}

 private:
  GestureWindows& windows_;
};

}  // namespace

Result<GestureWindows> read_gesture_windows(const std::string& file, const std::string& recording) {
  const Result<agent::PipelineSpec> spec = agent::load_pipeline(file, {});
  if (!spec) return spec.error();
  Result<agent::Graph> graph = agent::Graph::create(*spec, {.learn = false, .hold_out_every = 0});
  if (!graph) return graph.error();
  const agent::SensorSpec& sensor = spec->sensors.front();
  std::vector<config::Diagnostic> none;
  auto opened = sensors::Recording::open(recording, sensors::parse_columns(sensor.settings, none),
                                         sensor.layout.rate_hz);
  if (!opened) return opened.error();
  GestureWindows windows;
  windows.settings = spec->models.front().settings;
  const std::span<const std::uint8_t> recipe = graph->models().front().recipe();
  windows.recipe.assign(recipe.begin(), recipe.end());
  Collector collector(windows);
  sensors::Sample sample;
  while (true) {
    const Result<bool> more = opened->next(sample);
    if (!more) return more.error();
    if (!*more) return windows;
    graph->push(sample, collector);
  }
}

}  // namespace haltere::bench
