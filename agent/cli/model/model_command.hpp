#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere model list | show | export | import | run`: models that agents have learned and stored,
/// and files of models.
void add_model_command(Command app, int& exit_code);

}  // namespace haltere::agent
