#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere fuse altitude`: height and vertical speed over a recording.
void add_fuse_altitude(Command fuse, int& exit_code);

}  // namespace haltere::agent
