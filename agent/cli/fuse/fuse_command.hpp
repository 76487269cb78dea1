#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere fuse orientation`: a fusion algorithm alone, over a recording or a folder of them.
void add_fuse_command(Command app, int& exit_code);

}  // namespace haltere::agent
