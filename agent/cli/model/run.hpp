#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere model run MODEL`: raw input tensors in, raw output tensors out.
void add_model_run(Command model, int& exit_code);

}  // namespace haltere::agent
