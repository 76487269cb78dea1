#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "agent/pipeline/graph.hpp"
#include "agent/pipeline/spec.hpp"
#include "config/result.hpp"
#include "sensors/replay.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// A recording in place of a sensor.
struct ReplayInput {
  std::size_t sensor = 0;
  std::string path;
};

/// Recordings of a pipeline's sensors, read together in the order of their samples' times.
class Recordings {
 public:
  /// Errors: those of Recording.
  [[nodiscard]] static Result<Recordings> open(const PipelineSpec& spec,
                                               std::span<const ReplayInput> inputs);

  /// The oldest sample of all, the first recording's among equals; false at the end of all. Errors:
  /// io, invalid, as Recording.
  Result<bool> next(sensors::Sample& sample);

  struct Part {
    std::size_t sensor = 0;
    sensors::Recording recording;
    sensors::Sample next;
    bool ended = false;
  };
  [[nodiscard]] std::span<const Part> parts() const { return parts_; }

 private:
  std::vector<Part> parts_;
};

/// Takes all that is left of `recordings` through `graph`. Errors: those of Recordings::next.
Status pump(Recordings& recordings, Graph& graph, ModelObserver& observer);

}  // namespace haltere::agent
