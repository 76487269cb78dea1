#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/pipeline/recordings.hpp"
#include "agent/pipeline/spec.hpp"
#include "config/node.hpp"
#include "config/result.hpp"
#include "fusion/align.hpp"

namespace haltere::agent {

/// Tables in place of a pipeline's sensors.
struct TableSensors {
  PipelineSpec spec;  ///< each table a sensor: its id the file's name without folder and ending
  std::vector<ReplayInput> inputs;
};

/// Reads the headers of `tables`: each column that holds numbers is a channel, `t` the time. A
/// table's rate is that of its times; `rate_hz` where it has none. Errors: those of CsvReader;
/// invalid: no columns of numbers, neither times nor a rate.
[[nodiscard]] Result<TableSensors> table_sensors(const std::vector<std::string>& tables,
                                                 double rate_hz);

/// What became of one input of a fusion that merges clocks.
struct MergedTable {
  std::string stream;
  fusion::AlignCounts counts;
};

struct StreamCounts {
  std::size_t rows = 0;
  std::vector<MergedTable> merged;
};

/// Takes the tables through one fusion, `settings` being its entry as in a pipeline file, and
/// writes its rows to `output` (- = standard output). Errors: invalid, the complaints about the
/// settings one a line; those of the tables; io.
[[nodiscard]] Result<StreamCounts> run_stream(TableSensors tables, const config::Node& settings,
                                              const std::string& output);

/// Parts of such settings.
[[nodiscard]] config::Node scalar_node(const std::string& text);
[[nodiscard]] config::Node list_node(std::vector<config::Node> items);
[[nodiscard]] config::Node mapping_node(std::vector<config::Node::Entry> entries);

}  // namespace haltere::agent
