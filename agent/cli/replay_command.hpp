#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere replay FILE --input SENSOR=DATA.csv ...`
void add_replay_command(Command app, int& exit_code);

}  // namespace haltere::agent
