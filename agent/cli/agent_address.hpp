#pragma once

#include <filesystem>
#include <string>

#include "agent/cli/command_line.hpp"
#include "config/result.hpp"

namespace haltere::agent {

/// How the user says which running agent is meant; all empty = the one in the default place.
struct AgentAddress {
  std::string file;     ///< the pipeline file it runs
  std::string state;    ///< its state folder, over what the file says
  std::string control;  ///< its socket, over both
};

/// Adds the options `--state` and `--control` and the argument `file`, which comes after those that
/// the command has so far.
void add_agent_address(Command command, AgentAddress& address);

/// Where that agent listens. Errors: those of the file, as load_pipeline.
[[nodiscard]] Result<std::filesystem::path> control_of(const AgentAddress& address);

}  // namespace haltere::agent
