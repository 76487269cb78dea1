#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere model quantize`: an imported float model as int8, by rows it will see.
void add_model_quantize(Command model, int& exit_code);

}  // namespace haltere::agent
