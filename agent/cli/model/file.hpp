#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/cli/command_line.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// Which model a command is about.
struct ModelSource {
  std::string state;          ///< the agent's state folder
  std::string model;          ///< an id in its registry, or a .hb file
  std::uint32_t version = 0;  ///< 0 = the newest
};

/// Options that fill a ModelSource.
void add_model_source(Command command, ModelSource& source);
void add_model_state(Command command, ModelSource& source);

/// The bundle that `source` names. Errors: not_found, io.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_model(const ModelSource& source);

/// Writes `bytes` to the file `output`, or to standard output if that is empty or "-"; returns the
/// exit code.
[[nodiscard]] int write_output(const std::string& output, std::span<const std::uint8_t> bytes);

/// Prints `error`; returns exit_failed.
int fail(const Error& error);

}  // namespace haltere::agent
