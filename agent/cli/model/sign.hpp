#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// Adds `model keygen`, `sign`, `verify` and `trust`.
void add_model_sign(Command model, int& exit_code);

}  // namespace haltere::agent
