#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere fuse window FILE`: features of the windows of a recording.
void add_fuse_window(Command fuse, int& exit_code);

}  // namespace haltere::agent
