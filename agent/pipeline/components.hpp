#pragma once

#include <span>

#include "config/settings.hpp"

namespace haltere::agent {

/// Everything a configuration may hold, in the order of a file: the agent, then every platform of
/// each list. Help, the reference page and the JSON Schema are made from this list.
[[nodiscard]] std::span<const config::Component> components();

}  // namespace haltere::agent
