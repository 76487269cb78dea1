#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere fuse position`: position and velocity over a recording.
void add_fuse_position(Command fuse, int& exit_code);

}  // namespace haltere::agent
