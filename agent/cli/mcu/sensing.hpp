#pragma once

#include "agent/cli/mcu/action.hpp"

namespace haltere::agent {

/// Adds `mcu stats`, `mcu watch` and `mcu stream`.
void add_mcu_sensing_actions(const McuActions& actions);

}  // namespace haltere::agent
