#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere check FILE`: validates, prints the resolved pipeline.
void add_check_command(Command app, int& exit_code);

}  // namespace haltere::agent
