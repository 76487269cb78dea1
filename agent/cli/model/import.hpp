#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere model import FILE`: a model of another program as a bundle.
void add_model_import(Command model, int& exit_code);

}  // namespace haltere::agent
