#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/pipeline/model_node.hpp"
#include "agent/pipeline/recordings.hpp"
#include "agent/pipeline/run_files.hpp"
#include "agent/pipeline/spec.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// A file for what a filter yields.
struct StreamOut {
  std::size_t filter = 0;
  std::string path;
};

struct ReplayOptions {
  std::vector<ReplayInput> inputs;
  LearnOptions learn;
  RunFileNames files;
  std::vector<StreamOut> streams{};
  std::string state;  ///< folder to resume from and to save to; empty = start fresh, save nothing
};

/// Reads `--input STREAM=DATA.csv` arguments. Errors: invalid, naming the argument and the nearest
/// sensor.
[[nodiscard]] Result<std::vector<ReplayInput>> parse_inputs(const PipelineSpec& spec,
                                                            const std::vector<std::string>& inputs);

/// Likewise `--stream-out FUSION=OUT.csv`.
[[nodiscard]] Result<std::vector<StreamOut>> parse_streams(const PipelineSpec& spec,
                                                           const std::vector<std::string>& streams);

/// Takes recordings through the pipeline on this thread, as fast as it goes; several are merged by
/// their times. Result: the report (make_report). Same input, same bytes in every file, and the
/// same as a live run over the same lines. Errors: of the recordings, the files and the state.
[[nodiscard]] Result<nlohmann::json> replay(const PipelineSpec& spec, const ReplayOptions& options);

}  // namespace haltere::agent
