#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere status`: what the running agent is doing.
void add_status_command(Command app, int& exit_code);

}  // namespace haltere::agent
