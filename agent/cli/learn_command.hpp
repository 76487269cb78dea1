#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere learn`: the learner alone, over a table.
void add_learn_command(Command app, int& exit_code);

}  // namespace haltere::agent
