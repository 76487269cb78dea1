#pragma once

#include "agent/cli/command_line.hpp"

namespace haltere::agent {

/// `haltere model compress MODEL`: smaller models in its place, side by side, and the best that
/// fits.
void add_model_compress(Command model, int& exit_code);

}  // namespace haltere::agent
