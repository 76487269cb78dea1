#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// Adds `haltere fuse align`, whose exit code is left in `exit_code`.
void add_fuse_align(Command fuse, int& exit_code);

}  // namespace haltere::agent
