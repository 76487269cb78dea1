#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere run FILE`: the agent.
void add_run_command(Command app, int& exit_code);

}  // namespace haltere::agent
