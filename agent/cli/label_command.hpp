#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere label NAME --for 5s`: labels what the running agent sees.
void add_label_command(Command app, int& exit_code);

}  // namespace haltere::agent
