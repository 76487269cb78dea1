#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere help [KIND] [PLATFORM] [--markdown]`: the settings of anything a configuration may
/// hold.
void add_help_command(Command app, int& exit_code);

/// `haltere schema`: the JSON Schema of a configuration.
void add_schema_command(Command app, int& exit_code);

}  // namespace haltere::agent
