#include "agent/pipeline/recordings.hpp"

#include "sensors/columns.hpp"

namespace haltere::agent {
namespace {

using sensors::Sample;

Status advance(Recordings::Part& part) {
  const auto found = part.recording.next(part.next);
  if (!found) return found.error();
  part.ended = !*found;
  part.next.sensor = static_cast<std::uint16_t>(part.sensor);
  return {};
}

}  // namespace

Result<Recordings> Recordings::open(const PipelineSpec& spec, std::span<const ReplayInput> inputs) {
  Recordings all;
  for (const ReplayInput& input : inputs) {
    const SensorSpec& sensor = spec.sensors[input.sensor];
    std::vector<config::Diagnostic> none;
    const auto columns = sensor.settings.has("columns")
                             ? sensors::parse_columns(sensor.settings, none)
                             : sensors::columns_of(sensor.layout);
    auto recording = sensors::Recording::open(input.path, columns, sensor.layout.rate_hz);
    if (!recording) return recording.error();
    all.parts_.push_back({.sensor = input.sensor,
                          .recording = std::move(recording).value(),
                          .next = {},
                          .ended = false});
    if (const Status advanced = advance(all.parts_.back()); !advanced) return advanced.error();
  }
  return all;
}

Result<bool> Recordings::next(Sample& sample) {
  Part* oldest = nullptr;
  for (Part& part : parts_) {
    if (part.ended) continue;
    if (oldest == nullptr || part.next.time_ns < oldest->next.time_ns) oldest = &part;
  }
  if (oldest == nullptr) return false;
  sample = oldest->next;
  if (const Status advanced = advance(*oldest); !advanced) return advanced.error();
  return true;
}

Status pump(Recordings& recordings, Graph& graph, ModelObserver& observer) {
  Sample sample;
  while (true) {
    const Result<bool> found = recordings.next(sample);
    if (!found) return found.error();
    if (!*found) break;
    graph.push(sample, observer);
  }
  graph.finish(observer);
  return {};
}

}  // namespace haltere::agent
