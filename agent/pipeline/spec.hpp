#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/pipeline/condition.hpp"
#include "config/node.hpp"
#include "config/settings.hpp"
#include "fusion/filter.hpp"
#include "learner/model_settings.hpp"
#include "learner/promotion.hpp"
#include "sensors/drivers.hpp"
#include "sensors/sample.hpp"

namespace haltere::agent {

/// What yields rows: the sensors come first, then the filters, numbered as in PipelineSpec.
using SourceIndex = std::size_t;

/// A stream, resolved: some channels of one source.
struct StreamRef {
  SourceIndex source = 0;
  std::vector<std::size_t> channels;
};

struct BusSpec {
  std::string id;
  std::string device;
};

struct SensorSpec {
  std::string id;
  const sensors::Driver* driver = nullptr;
  config::Section settings;
  sensors::Layout layout;
  std::string bus;  ///< id of its bus; empty = a device of its own
  std::string mcu;  ///< id of the microcontroller whose sensor it is; empty = none
};

struct FilterSpec {
  std::string id;
  const fusion::FilterType* type = nullptr;
  config::Section settings;
  std::vector<StreamRef> inputs;  ///< the first one's source is the filter's clock, unless it
                                  ///< merges clocks
  std::vector<sensors::Layout> input_layouts;
  sensors::Layout output;
};

/// A button press labels the time that follows.
struct ButtonSpec {
  std::size_t sensor = 0;
  std::size_t label = 0;
  std::chrono::nanoseconds span{0};
};

struct ModelSpec {
  std::string id;
  learner::ModelSettings settings;
  std::size_t filter = 0;                  ///< its window, an index into PipelineSpec::filters
  std::optional<std::size_t> column_from;  ///< classify: sensor whose samples carry the label
  std::vector<ButtonSpec> buttons;
  std::vector<StreamRef> targets;         ///< regress: each of one channel
  std::vector<std::string> target_names;  ///< regress: their names
  std::optional<Condition> learn_when;    ///< none: always
  std::optional<double> budget;           ///< share of one core for learning; none: all it takes
  learner::HandOver hand_over;            ///< that of the first microcontroller that runs it
  config::Position position;
};

struct McuSpec {
  std::string id;
  std::string device;
  int baud = 0;
  std::size_t model = 0;
  std::optional<double> ram_bytes;  ///< declared, to check before it is attached
  std::optional<double> flash_bytes;
  std::optional<std::size_t> sensor;  ///< its own, if the pipeline reads that
  bool sees_windows = false;          ///< its model's windows are of that sensor alone
  config::Position position;
};

/// A pipeline file, checked and with every name resolved. Filters are in an order in which each
/// comes after all its inputs.
struct PipelineSpec {
  std::string name;
  std::string state;  ///< as in the file; empty = the default place
  std::chrono::nanoseconds checkpoint_every{0};
  std::size_t queue_samples = 0;  ///< a power of two
  std::chrono::nanoseconds merge_wait{0};
  std::vector<BusSpec> buses;
  std::vector<SensorSpec> sensors;
  std::vector<FilterSpec> filters;
  std::vector<ModelSpec> models;
  std::vector<McuSpec> mcus;

  [[nodiscard]] const sensors::Layout& layout(SourceIndex source) const {
    return source < sensors.size() ? sensors[source].layout
                                   : filters[source - sensors.size()].output;
  }
  [[nodiscard]] const std::string& id(SourceIndex source) const {
    return source < sensors.size() ? sensors[source].id : filters[source - sensors.size()].id;
  }
  /// What gives `source` its times: a sensor, or a filter that merges clocks.
  [[nodiscard]] SourceIndex clock_of(SourceIndex source) const;
};

/// Reads a pipeline file's tree. Everything that is wrong is added to `diagnostics`; without any,
/// the result is complete. Opens no device.
[[nodiscard]] PipelineSpec resolve(const config::Node& root,
                                   std::vector<config::Diagnostic>& diagnostics);

/// Reads, overrides (`--set ID.KEY=VALUE`) and resolves the file at `path`. Errors: invalid, the
/// message being every diagnostic as FILE:LINE:COL lines.
[[nodiscard]] Result<PipelineSpec> load_pipeline(const std::string& path,
                                                 const std::vector<std::string>& overrides);

}  // namespace haltere::agent
