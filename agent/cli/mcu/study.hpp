#pragma once

#include "agent/cli/mcu/action.hpp"

namespace haltere::agent {

/// Adds `mcu study`, `mcu label`, `mcu teach` and `mcu pull`.
void add_mcu_study_actions(const McuActions& actions);

}  // namespace haltere::agent
