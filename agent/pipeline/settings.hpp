#pragma once

#include "config/settings.hpp"

namespace haltere::agent {

/// The settings tables of what the agent itself wires: the `agent:` section, and one entry of the
/// lists `models:` and `mcus:`.
[[nodiscard]] const config::Component& agent_component();
[[nodiscard]] const config::Component& model_component();
[[nodiscard]] const config::Component& mcu_component();

}  // namespace haltere::agent
