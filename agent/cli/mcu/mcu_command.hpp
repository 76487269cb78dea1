#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere mcu status|push|rollback|enroll|bench --device DEVICE`: one microcontroller, without an
/// agent.
void add_mcu_command(Command app, int& exit_code);

}  // namespace haltere::agent
