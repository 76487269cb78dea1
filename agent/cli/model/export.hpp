#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere model export MODEL`: one model as a file for other programs.
void add_model_export(Command model, int& exit_code);

}  // namespace haltere::agent
